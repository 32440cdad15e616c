"""Models that decide, P(y | x), beside models that can also draw, P(x, y): on the same labelled points in the plane."""
