"""Autoencoders: one family that learns live, and what it is good for, each use with its number."""
