"""The latent space of a variational autoencoder of digits: one run as the tab shows it, and what can be done with its codes."""
