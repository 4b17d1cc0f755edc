"""The control API: `/sandbox/...`. Its contract is in the README beside this package."""
