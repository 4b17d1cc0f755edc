"""The running program: wiring only, it knows no feature."""
