"""Git's base 85, all words of a content at once: they lie side by side in one big integer. It knows no lines."""

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
_NO_DIGIT = 255
_DIGITS = bytes(_ALPHABET.index(code) if code in _ALPHABET else _NO_DIGIT for code in range(256))
_LANE = 8  # bytes for each word of four: a product of two words fits


def encode(data: bytes) -> bytes:
    """Five characters for every four bytes; the last four are filled up with zeros."""
    words = -(-len(data) // 4)
    padded, lanes = data.ljust(4 * words, b"\0"), bytearray(_LANE * words)
    for byte in range(4):
        lanes[_LANE - 4 + byte :: _LANE] = padded[byte::4]
    rest, text = int.from_bytes(lanes), bytearray(5 * words)
    quotients = int.from_bytes((2**26 - 1).to_bytes(_LANE) * words)  # where in its lane a word divided by 85 can be
    for place in (4, 3, 2, 1):
        divided = (rest * 0xC0C0C0C1 >> 38) & quotients  # a word divided by 85, exactly, without a division
        text[place::5] = (rest - divided * 85).to_bytes(_LANE * words)[_LANE - 1 :: _LANE]
        rest = divided
    text[0::5] = rest.to_bytes(_LANE * words)[_LANE - 1 :: _LANE]
    return bytes(text).translate(_ALPHABET.ljust(256))


def decode(text: bytes) -> bytes:
    """The four bytes of every five characters. Raises ValueError for other characters and for what is no four bytes."""
    words, digits = len(text) // 5, text.translate(_DIGITS)
    if len(text) % 5 or _NO_DIGIT in digits:
        raise ValueError("this is not base 85")
    value, lanes = 0, bytearray(_LANE * words)
    for place in range(5):
        lanes[_LANE - 1 :: _LANE] = digits[place::5]
        value = value * 85 + int.from_bytes(lanes)
    found = value.to_bytes(_LANE * words)
    if any(found[_LANE - 5 :: _LANE]):
        raise ValueError("five characters of base 85 are worth more than four bytes")
    data = bytearray(4 * words)
    for byte in range(4):
        data[byte::4] = found[_LANE - 4 + byte :: _LANE]
    return bytes(data)
