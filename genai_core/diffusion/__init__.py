"""Diffusion: noise schedules, targets to learn, one sampling loop, and exact answers to check them against."""
