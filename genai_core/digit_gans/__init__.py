"""GANs of digits: the lectures' networks learn Strokes or MNIST, turn by turn, right and with the five mistakes of the notes."""
