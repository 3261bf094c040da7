"""The demo's ports."""

import socket

from scripts.stack.ports import Ports, automatic, choose, is_free


def test_the_usual_ports_are_taken_where_they_are_free():
    free = automatic()
    assert choose(free) == (free, [])


def test_a_busy_port_gets_another_and_a_word_about_it():
    free = automatic()
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", free.web))
        busy.listen()
        assert not is_free(free.web)
        chosen, (remark,) = choose(free)
    assert chosen.web != free.web
    assert (chosen.console, chosen.stripe, chosen.stigg) == (free.console, free.stripe, free.stigg)
    assert remark == f"Port {free.web} is taken; the site gets {chosen.web}."


def test_ports_differ():
    assert len(set(vars(automatic()).values())) == len(vars(Ports()))
