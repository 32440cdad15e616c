"""Generative adversarial networks: the objectives, and the game in the plane that the tab "GAN in the plane" plays."""
