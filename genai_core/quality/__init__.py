"""How good are generated samples? Each measure in a file of its own, and the band that real data fills at the same n."""
