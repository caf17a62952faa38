"""What the pixels of a page show beside its text: rules, pictures, seals, tinted grounds, and the white of gutters."""

from .gutters import parted as parted_at_gutters
from .separators import find as find_separators

__all__ = ["find_separators", "parted_at_gutters"]
