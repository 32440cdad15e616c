"""Python runs this at start where this folder is on PYTHONPATH: the guard of a server that tests start."""

import guard

guard.stand()
