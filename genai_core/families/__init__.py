"""One data set, every family: mixture, autoencoder, VAE, GAN and diffusion learn the same points in the same time."""
