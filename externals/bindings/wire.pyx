# distutils: language = c++
# cython: language_level=3, embedsignature=True
"""The protocol of docs/protocol.md: the C++ that the external uses, for Python.

Channel: datagrams and times (seconds) go in, datagrams, messages and bodies come out; no socket, no
clock. Ear: what comes to a server's port, without what is nobody's.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uintptr_t
from libcpp cimport bool as flag
from libcpp.string cimport string
from libcpp.utility cimport pair
from libcpp.vector cimport vector


cdef extern from "backends/osc/channel.h" namespace "sideman::osc" nogil:
    const size_t DATAGRAM_BYTES "sideman::osc::datagram_bytes"
    const size_t MESSAGE_BYTES "sideman::osc::message_bytes"
    const size_t MOST_BODY_BYTES "sideman::osc::most_body_bytes"
    const size_t LEAST_TOKEN_BYTES "sideman::osc::least_token_bytes"

    cdef cppclass Body:
        int64_t hop
        int64_t position
        vector[uint8_t] bytes

    cdef cppclass RoundTrip:
        flag known()
        double seconds()
        double varies()
        double offset()

    cdef struct ChannelCounts:
        int64_t received
        int64_t refused
        int64_t damaged
        int64_t repeated
        int64_t bodies

    cdef cppclass Counts "sideman::osc::Outbox::Counts":
        int64_t sent
        int64_t sent_again
        int64_t given_up

    cdef cppclass Inner "sideman::osc::Channel":
        int64_t session()
        double next_due(double)
        const RoundTrip& trip()
        double heard()
        const ChannelCounts& counts()
        const Counts& sent()


cdef extern from "backends/osc/ear.h" namespace "sideman::osc" nogil:
    cdef cppclass Came "sideman::osc::Ear::Came":
        vector[uint8_t] datagram
        string host
        uint16_t port


cdef extern from "bindings/wire.h" namespace "sideman::wire" nogil:
    pair[string, string] make_key_pair_ "sideman::wire::make_key_pair"() except +
    string token_key_ "sideman::wire::token_key"(const string&) except +
    string hello_proof_ "sideman::wire::hello_proof"(const string&, const string&) except +
    string welcome_proof_ "sideman::wire::welcome_proof"(
        const string&, const string&, const string&, int64_t) except +
    flag same_ "sideman::wire::same"(const string&, const string&)
    pair[string, string] session_keys_ "sideman::wire::session_keys"(
        flag, const string&, const string&, const string&, const string&, int64_t) except +
    int64_t session_of_ "sideman::wire::session_of"(const char*, size_t)

    cdef cppclass Outer "sideman::wire::Channel":
        Outer(int64_t, const string&, const string&, size_t) except +
        flag receive(const char*, size_t, double, string&) except +
        flag collect(Body&) except +
        void send(int64_t, int64_t, const char*, size_t, double, double) except +
        string wrap(const char*, size_t) except +
        string next(double) except +
        const Inner& inner()

    cdef cppclass InnerEar "sideman::wire::Ear":
        InnerEar(uintptr_t, flag, uintptr_t) except +
        void admit(int64_t, const string&, const string&, const string&, int) except +
        void dismiss(int64_t)
        vector[Came] take() except +
        int64_t dropped()


datagram_bytes = DATAGRAM_BYTES
message_bytes = MESSAGE_BYTES
most_body_bytes = MOST_BODY_BYTES
least_token_bytes = LEAST_TOKEN_BYTES


def make_key_pair():
    """(open, secret): 32 bytes each; the open one goes to the other side."""
    return make_key_pair_()


def token_key(bytes token):
    """What both sides make of a token."""
    return token_key_(token)


def hello_proof(bytes token, bytes client):
    """Shows that the client with this open key knows the token (as token_key)."""
    return hello_proof_(token, client)


def welcome_proof(bytes token, bytes client, bytes server, int64_t session):
    """Shows that the server with this open key does, for this session."""
    return welcome_proof_(token, client, server, session)


def same(bytes one, bytes other):
    """Whether two byte strings are equal, in constant time."""
    return same_(one, other)


def session_keys(bint client, bytes open, bytes secret, bytes other, bytes token, int64_t session):
    """(sends, receives) of one side, or None when the other side's key is no honest one."""
    cdef pair[string, string] found = session_keys_(client, open, secret, other, token, session)
    return None if found.first.empty() else (found.first, found.second)


def session_of(bytes datagram):
    """The session whose envelope this is, or None."""
    cdef int64_t session = session_of_(datagram, len(datagram))
    return None if session < 0 else session


cdef class Channel:
    """One side of one session; keys: (sends, receives), or None on loopback without a token."""

    cdef Outer* channel

    def __cinit__(self, int64_t session, keys=None, size_t most_body=MOST_BODY_BYTES):
        cdef bytes sends, receives
        sends, receives = keys or (b"", b"")
        self.channel = new Outer(session, sends, receives, most_body)

    def __dealloc__(self):
        del self.channel

    def receive(self, bytes datagram, double now):
        """Take a datagram; a message for the caller, or None."""
        cdef string message
        if self.channel.receive(datagram, len(datagram), now, message):
            return <bytes>message
        return None

    def collect(self):
        """(hop, position, bytes) of a whole body, once each; None when there is none."""
        cdef Body body
        if not self.channel.collect(body):
            return None
        return body.hop, body.position, (<char*>body.bytes.data())[: body.bytes.size()]

    def send(self, int64_t hop, int64_t position, bytes body, double now, double deadline):
        """Send a body, again where it is lost, until `deadline`."""
        self.channel.send(hop, position, body, len(body), now, deadline)

    def wrap(self, bytes message):
        """A message as a datagram, to be sent once. Raises ValueError when it is too long."""
        cdef bytes datagram = self.channel.wrap(message, len(message))
        if not datagram:
            raise ValueError(f"a message has at most {MESSAGE_BYTES} bytes, not {len(message)}")
        return datagram

    def due(self, double now):
        """All datagrams that are due, as a list."""
        cdef list found = []
        cdef bytes datagram = self.channel.next(now)
        while datagram:
            found.append(datagram)
            datagram = self.channel.next(now)
        return found

    def next_due(self, double now):
        """When to ask for `due` again."""
        return self.channel.inner().next_due(now)

    @property
    def session(self):
        return self.channel.inner().session()

    @property
    def heard(self):
        """When the other side was last heard; below 0: never."""
        return self.channel.inner().heard()

    @property
    def trip(self):
        """(round trip, its variation, the other clock minus ours) in seconds, or None."""
        trip = &self.channel.inner().trip()
        return (trip.seconds(), trip.varies(), trip.offset()) if trip.known() else None

    @property
    def counts(self):
        """What came and went, by name."""
        counts, sent = self.channel.inner().counts(), self.channel.inner().sent()
        return {
            "received": counts.received, "refused": counts.refused, "damaged": counts.damaged,
            "repeated": counts.repeated, "bodies": counts.bodies, "sent": sent.sent,
            "sent_again": sent.sent_again, "given_up": sent.given_up,
        }


cdef class Ear:
    """Empties a UDP socket on a thread of its own; what belongs to a session, and now and then a
    hello, lies ready for `take`, and `bell` (one end of a socket pair) gets a byte. Both sockets stay
    the caller's and must stay open until `close`."""

    cdef InnerEar* ear

    def __cinit__(self, uintptr_t socket, bint v6, uintptr_t bell):
        self.ear = new InnerEar(socket, v6, bell)

    def __dealloc__(self):
        self.close()

    def close(self):
        """Leave the sockets alone."""
        cdef InnerEar* ear = self.ear
        self.ear = NULL
        with nogil:
            del ear

    def admit(self, int64_t session, keys, str host, int port):
        """Let a session's datagrams through: with keys (sends, receives) from anywhere, plain ones
        (None) from this address. Raises RuntimeError when host is no address."""
        cdef bytes sends, receives
        sends, receives = keys or (b"", b"")
        if self.ear != NULL:
            self.ear.admit(session, sends, receives, host.encode(), port)

    def dismiss(self, int64_t session):
        """No more of this session."""
        if self.ear != NULL:
            self.ear.dismiss(session)

    def take(self):
        """[(datagram, (host, port)), ...] that came since the last call."""
        cdef vector[Came] came
        cdef InnerEar* ear = self.ear
        if ear != NULL:
            with nogil:
                came = ear.take()
        return [
            ((<char*>one.datagram.data())[: one.datagram.size()], (one.host.decode(), one.port))
            for one in came
        ]

    @property
    def dropped(self):
        """Datagrams that were nobody's, or too many."""
        return 0 if self.ear == NULL else self.ear.dropped()
