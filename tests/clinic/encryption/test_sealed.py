import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.encryption.keys import fernet_key
from clinic.encryption.sealed import HEAD, PIECE_BYTES, SALT_BYTES, TAG_BYTES, Opener, SealBroken, Sealer

KEY = fernet_key()
START = len(HEAD) + SALT_BYTES
PIECE = PIECE_BYTES + TAG_BYTES
THREE_PIECES = b"x" * (2 * PIECE_BYTES + 10)


def seal(content, key=KEY):
    file = io.BytesIO()
    sealer = Sealer(file, key)
    for start in range(0, len(content), 50_000):
        sealer.write(content[start : start + 50_000])
    sealer.close()
    return file.getvalue()


def unseal(sealed, key=KEY):
    opener = Opener(io.BytesIO(sealed), key)
    content = b""
    while part := opener.read(70_000):
        content += part
    return content


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 1_000_000])
def test_what_was_sealed_opens_as_it_was(size):
    content = bytes(number % 251 for number in range(size))
    assert unseal(seal(content)) == content


def test_the_same_content_never_looks_the_same_twice():
    assert seal(b"the same") != seal(b"the same")


def test_another_key_opens_nothing():
    with pytest.raises(SealBroken):
        unseal(seal(b"content"), fernet_key())


@given(st.integers(min_value=0, max_value=START + 3 * TAG_BYTES + len(THREE_PIECES) - 1))
def test_one_changed_byte_anywhere_is_noticed(place):
    sealed = bytearray(seal(THREE_PIECES))
    sealed[place] ^= 1
    with pytest.raises(SealBroken):
        unseal(bytes(sealed))


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("cut inside a piece", lambda sealed: sealed[:-1]),
        ("cut between pieces", lambda sealed: sealed[: START + PIECE]),
        ("nothing but the head", lambda sealed: sealed[:START]),
        ("a piece missing", lambda sealed: sealed[:START] + sealed[START + PIECE :]),
        (
            "two pieces swapped",
            lambda s: (
                s[:START] + s[START + PIECE : START + 2 * PIECE] + s[START : START + PIECE] + s[START + 2 * PIECE :]
            ),
        ),
        ("something added", lambda sealed: sealed + b"x"),
        ("another file", lambda sealed: b"PK" + sealed),
        ("empty", lambda sealed: b""),
    ],
)
def test_a_damaged_file_does_not_open(what, change):
    with pytest.raises(SealBroken):
        unseal(change(seal(THREE_PIECES)))
