"""What can go wrong while samples are built."""


class BuildError(Exception):
    """A sample cannot be built; the message says which, what is wrong and what to do."""
