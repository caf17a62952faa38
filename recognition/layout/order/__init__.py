"""The order in which the lines of a page are read: cuts along white, and a network that says what follows what."""
