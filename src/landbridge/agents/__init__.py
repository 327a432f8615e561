"""The client tools landbridge sets up and launches: one module each, the pure part apart from finding the program."""
