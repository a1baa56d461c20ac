import socket

import pytest

from tests.conftest import OfflineError


def test_a_connection_off_this_machine_is_refused() -> None:
    with pytest.raises(OfflineError), socket.socket() as line:
        line.connect(("192.0.2.1", 80))
