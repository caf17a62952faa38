"""Which script a character is of, in the meanings that the steps of recognition need.

Each takes one character. The ranges differ on purpose: widening one changes what is read.
"""

from __future__ import annotations


def is_han(character: str) -> bool:
    """Whether it is a Han character, rare ones of the supplementary planes included; models can print some of them."""
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


def is_basic_han(character: str) -> bool:
    """Whether it is a Han character of the basic plane: tables that were counted from prose know no others, and a rare
    one that was read tells nothing about the print."""
    return "\u3400" <= character <= "\u9fff"


def is_kana(character: str) -> bool:
    """Whether it is a letter of Japanese. The marks ・ and ー are none: they are taken for those of Chinese text."""
    return "\u3041" <= character <= "\u30fa"


def is_east_asian(character: str) -> bool:
    """Whether it is kana, bopomofo, Han of the basic plane, or of the blocks between: models invent none of these where
    the print is of another script."""
    return "\u3041" <= character <= "\u9fff"
