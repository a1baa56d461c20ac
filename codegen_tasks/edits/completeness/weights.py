"""How much makes a remark a placeholder: the numbers in the rules, fitted by `benchmarks/wall_fit.py`. Knows no text.

A remark has words about a rest, about keeping, about things that code is made of, fillers, and `odd` ones. Around it
lines are gone, and lines came.
"""

from typing import NamedTuple


class Weights(NamedTuple):
    """What the rules compare with. `gone_`: lines that are gone, at least; `times_`: for each line that came. `all_`:
    words of a remark, at most; `odd_`: odd ones among them; `share_`: words for each odd one, at least.
    """

    gone_strong: int = 1  # for a remark that is all that came, by how sure it sounds
    gone_weak: int = 2
    gone_slight: int = 3
    gone_faint: int = 3
    gone_quoted: int = 5  # around one in a string or a longer comment
    gone_block: int = 3  # around one that ends its block
    gone_body: int = 3  # in a body that holds nothing else
    times_alone: int = 4  # gone for each that came, where it counts as alone
    times_around: int = 2  # elsewhere
    times_told: int = 8  # in a comment that says more
    all_words: int = 24
    all_wrapped: int = 4  # in brackets
    all_least: int = 16
    share_least: int = 3
    all_dotted: int = 14  # between dots
    all_dotted_any: int = 6
    share_dotted: int = 3
    odd_led: int = 1  # behind dots and a word of the rest
    all_led: int = 4
    odd_kept: int = 3  # behind dots, kept at its end
    all_trailed: int = 3
    all_fillers: int = 4
    share_things: int = 2
    all_things: int = 6
    all_key: int = 12
    odd_brevity: int = 3
    odd_brief: int = 4
    all_plain: int = 5
    odd_plain: int = 2
    all_kept: int = 8
    odd_pair: int = 1
    odd_stub: int = 1
    all_stub: int = 8


FITTED = Weights()
