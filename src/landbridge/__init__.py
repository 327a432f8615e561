"""landbridge: one local program that lets every agent client use any model."""

__version__ = "0.1.0"
