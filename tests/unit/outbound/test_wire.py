"""Calls over real sockets, with a server that does what real ones do on bad days."""

import gzip
import socket
import threading
import time

import pytest
from wire import Heard, answering, reply, wire
from wire_calls import FINE, cut, dripping, failed, here, in_turn, outbound, reset

from fhirgate.errors import (
    EhrGarbled,
    EhrThrottled,
    EhrUnavailable,
)
from fhirgate.outbound.call import Call
from fhirgate.outbound.destination import Timeouts


def test_calls_share_a_connection() -> None:
    with wire(answering(FINE)) as server, outbound() as client:
        for _ in range(3):
            assert client.get(here(server.port), "Patient/77").json == {"fine": 1}

    assert server.lines() == ["GET /fhir/Patient/77 HTTP/1.1"] * 3
    assert server.connections == 1


def test_a_body_that_drips_ends_at_the_deadline() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    began = time.monotonic()
    with wire(dripping(head, b" ")) as server:
        error = failed(outbound(), here(server.port, total=0.4))

        assert 0.3 < time.monotonic() - began < 1.5
    assert str(error) == "server 'main': GET Patient/{id}: its answer did not come to an end in time"
    assert (type(error), error.status, error.reached) == (EhrUnavailable, 200, True)


def test_a_head_that_drips_ends_at_the_deadline() -> None:
    began = time.monotonic()
    with wire(dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a")) as server:
        error = failed(outbound(), here(server.port, total=0.4))

        assert 0.3 < time.monotonic() - began < 1.5
    assert str(error) == "server 'main': GET Patient/{id}: it did not answer in time"


def test_the_deadline_of_a_call_holds_on_a_connection_made_for_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def deaf_later() -> None:
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(FINE)
            done.wait(5)
            connection.close()

        thread = threading.Thread(target=deaf_later)
        thread.start()
        client = outbound()
        there = here(listener.getsockname()[1])
        client.get(there, "Patient/77")
        began = time.monotonic()
        call = Call(
            method="PUT", url="Patient/77", body=b" " * (32 << 20), total_seconds=0.3, repeatable=False
        )
        error = failed(client, there, call)
        took = time.monotonic() - began
        done.set()
        thread.join()

    assert 0.2 < took < 1.5
    assert str(error) == "server 'main': PUT Patient/{id}: it did not answer in time"


def test_an_address_that_swallows_packets_leaves_time_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    times: list[float] = []

    def swallowed(self: socket.socket, _address: object) -> None:
        times.append(self.gettimeout() or 0.0)
        time.sleep(times[-1])
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", swallowed)
    three = outbound(lambda _host, _port: ["10.0.0.1", "10.0.0.2", "10.0.0.3"])
    failed(three, here(80, base="http://ehr.test", tries=1, timeouts=Timeouts(connect=0.6, total=9.0)))

    assert [round(each, 1) for each in times] == [0.2, 0.2, 0.2]


def test_a_server_that_says_nothing_is_given_the_read_timeout() -> None:
    def silent(_connection: socket.socket, _heard: Heard) -> None:
        time.sleep(0.5)

    began = time.monotonic()
    with wire(silent) as server:
        quick = here(server.port, tries=1, timeouts=Timeouts(connect=1.0, read=0.1, total=5.0))
        error = failed(outbound(), quick)

        assert time.monotonic() - began < 0.45
    assert str(error) == "server 'main': GET Patient/{id}: it did not answer in time"


@pytest.mark.parametrize(
    "broken",
    [
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"fine"',
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"fine":\r\n',
        b"HTTP/1.1 200 OK\r\nContent-Ty",
        b"",
    ],
)
def test_an_answer_that_breaks_off_is_asked_for_again(broken: bytes) -> None:
    with wire(in_turn(cut(broken), answering(FINE))) as server, outbound() as client:
        answer = client.get(here(server.port), "Patient/77")

    assert (answer.json, answer.tries) == ({"fine": 1}, 2)


def test_what_is_no_http_at_all_is_told() -> None:
    with wire(cut(b"SSH-2.0-OpenSSH_9.2\r\n")) as server:
        error = failed(outbound(), here(server.port, tries=1))

    assert str(error) == "server 'main': GET Patient/{id}: it broke the connection off without an answer"


def test_a_connection_closed_while_idle_is_made_anew() -> None:
    with wire(cut(FINE)) as server, outbound() as client:
        client.get(here(server.port), "Patient/77")
        time.sleep(0.1)
        answer = client.post(here(server.port), "Observation", b"{}")

    assert (answer.status, server.connections) == (200, 2)


def test_a_read_on_a_connection_that_is_reset_is_sent_again() -> None:
    with wire(in_turn(answering(FINE), reset, answering(FINE))) as server, outbound() as client:
        client.get(here(server.port), "Patient/77")
        answer = client.get(here(server.port), "Patient/77")

    assert (answer.tries, [each.connection for each in server.heard]) == (2, [1, 1, 2])


def test_a_write_on_a_connection_that_is_reset_is_not_sent_again_and_may_have_arrived() -> None:
    with wire(in_turn(answering(FINE), reset)) as server, outbound() as client:
        client.get(here(server.port), "Patient/77")
        error = failed(client, here(server.port), Call(method="POST", url="Observation", body=b"{}"))

    assert str(error) == "server 'main': POST Observation: it broke the connection off without an answer"
    assert (error.reached, len(server.heard)) == (True, 2)


def test_a_port_where_nobody_listens_has_heard_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        error = failed(outbound(), here(free.getsockname()[1], tries=2))

    assert str(error).startswith(
        "server 'main': GET Patient/{id}: no connection could be made; is it running, and is the port right?"
    )
    assert (type(error), error.reached) == (EhrUnavailable, False)


def test_a_name_that_is_not_known_is_told() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    error = failed(outbound(unknown), here(80, base="http://ehr.test", tries=1))

    assert str(error) == (
        "server 'main': GET Patient/{id}: its host name cannot be resolved; check base_url and the name service"
    )


def test_a_name_without_an_address_is_told() -> None:
    error = failed(outbound(lambda _host, _port: []), here(80, base="http://ehr.test", tries=1))

    assert "no connection could be made" in str(error)


def test_a_name_service_that_hangs_does_not_hold_the_call() -> None:
    woken = threading.Event()

    def slow(_host: str, _port: int) -> list[str]:
        woken.wait(5)
        return []

    began = time.monotonic()
    error = failed(outbound(slow), here(80, base="http://ehr.test", total=0.3))
    woken.set()

    assert time.monotonic() - began < 1.5
    assert str(error) == "server 'main': GET Patient/{id}: no connection could be made in time"
    assert not error.reached


def test_the_next_address_is_tried_when_the_first_takes_no_connection() -> None:
    with wire(answering(FINE)) as server, outbound(lambda _host, _port: ["::1", "127.0.0.1"]) as client:
        answer = client.get(here(server.port, base="http://ehr.test"), "Patient/77")

    assert (answer.tries, server.heard[0].headers["host"]) == (1, f"ehr.test:{server.port}")


def test_an_ipv6_address_can_be_the_host() -> None:
    with wire(answering(FINE), host="::1") as server, outbound() as client:
        answer = client.get(here(server.port, base="http://[::1]"), "Patient/77")

    assert (answer.status, server.heard[0].headers["host"]) == (200, f"[::1]:{server.port}")


def test_a_compressed_answer_is_read_and_a_bomb_is_not() -> None:
    bomb = gzip.compress(b" " * (32 << 20))
    small = gzip.compress(b'{"fine":1}')
    zipped = [reply(each, more="Content-Encoding: gzip\r\n") for each in (small, bomb)]
    with wire(in_turn(*map(answering, zipped))) as server, outbound() as client:
        assert client.get(here(server.port), "Patient/77").json == {"fine": 1}
        error = failed(client, here(server.port), Call(url="Patient/77", most_bytes=1 << 20))

    assert str(error) == "server 'main': GET Patient/{id}: its answer is larger than 1 MiB"
    assert type(error) is EhrGarbled


def test_an_endless_body_without_a_length_is_cut() -> None:
    def endless(connection: socket.socket, _heard: Heard) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
        while True:
            connection.sendall(b"1," * 32768)

    with wire(endless) as server:
        error = failed(outbound(), here(server.port), Call(url="Patient/77", most_bytes=1 << 20))

    assert str(error) == "server 'main': GET Patient/{id}: its answer is larger than 1 MiB"


def test_no_more_requests_are_under_way_than_a_server_allows() -> None:
    busy: list[int] = []
    most: list[int] = []

    def counting(connection: socket.socket, _heard: Heard) -> None:
        busy.append(1)
        most.append(len(busy))
        time.sleep(0.05)
        busy.pop()
        connection.sendall(FINE)

    with wire(counting) as server, outbound() as client:
        narrow = here(server.port, concurrency=2)
        threads = [threading.Thread(target=client.get, args=(narrow, "Patient/77")) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    assert (len(server.heard), max(most), server.connections) == (8, 2, 2)


def test_a_call_that_finds_no_free_place_before_its_deadline_is_not_made() -> None:
    started = threading.Event()

    def slow(connection: socket.socket, _heard: Heard) -> None:
        started.set()
        time.sleep(0.5)
        connection.sendall(FINE)

    with wire(slow) as server, outbound() as client:
        narrow = here(server.port, concurrency=1)
        first = threading.Thread(target=client.get, args=(narrow, "Patient/77"))
        first.start()
        started.wait(2)
        with pytest.raises(EhrThrottled) as error:
            client.get(narrow, "Patient/77", total_seconds=0.1)
        first.join()

    assert len(server.heard) == 1
    assert str(error.value) == (
        "server 'main': GET Patient/{id}: not called, as 1 earlier requests were still under way at the deadline"
    )
