#pragma once
// One side of one session, without sockets and without a clock: datagrams and the time go in,
// datagrams, messages and whole bodies come out. The client in C++ and the server in Python are both
// this. One thread at a time. Times in seconds.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "backends/osc/envelope.h"
#include "backends/osc/inbox.h"
#include "backends/osc/outbox.h"
#include "backends/osc/round_trip.h"

namespace sideman::osc {

struct ChannelCounts {
  int64_t received = 0;   // datagrams that were ours
  int64_t refused = 0;    // strangers', repeated or damaged ones
  int64_t damaged = 0;    // whole bodies with a wrong checksum
  int64_t repeated = 0;   // fragments that had come before
  int64_t bodies = 0;
};

class Channel {
 public:
  Channel(int64_t session, const std::optional<SessionKeys>& keys,
          size_t most_body = most_body_bytes)
      : envelope_(session, keys), inbox_(most_body) {}

  int64_t session() const { return envelope_.session(); }

  // Takes a datagram. What is not the channel's own business (hops, reports, pings) is returned: a
  // message, valid until the next call. Whatever is not from the other side changes nothing.
  std::optional<Bytes> receive(Bytes datagram, double now);
  // A whole body, once.
  std::optional<Body> collect() { return inbox_.collect(); }

  // Sends a body, again where it is lost, until `deadline`.
  void send(int64_t hop, int64_t position, std::vector<uint8_t> bytes, double now,
            double deadline) {
    outbox_.put(hop, position, std::move(bytes), now, deadline);
  }
  // A message of the caller's as a datagram, sent once; empty when it does not fit.
  Bytes wrap(Place place, Bytes message) { return envelope_.wrap(place, message); }
  // The next datagram that is due, in `place`; empty when none is.
  Bytes next(Place place, double now);
  // When to call `next` again.
  double next_due(double now) const;

  const RoundTrip& trip() const { return trip_; }
  // When the other side was last heard; below 0: never.
  double heard() const { return heard_; }
  const ChannelCounts& counts() const { return counts_; }
  const Outbox::Counts& sent() const { return outbox_.counts(); }

 private:
  static constexpr double ping_seconds = 0.5;
  static constexpr double first_ping_seconds = 0.05;  // until the round trip is known
  static constexpr double report_seconds = 0.003;     // from the first fragment it tells of

  struct Report {
    int64_t hop = -1;
    double due = 0.0;
  };

  bool take_ping(Reader message, double now);
  void take_fragment(const Fragment& fragment, double now);
  void report(int64_t hop, double due);
  Bytes report_due(Place place, double now);

  Envelope envelope_;
  Inbox inbox_;
  Outbox outbox_;
  RoundTrip trip_;
  std::array<uint8_t, datagram_bytes> opened_{};
  std::array<Report, 8> reports_;
  std::array<double, 2> pong_{};  // the question's time, and when it came; the first below 0: none
  bool pong_due_ = false;
  double next_ping_ = 0.0;
  double heard_ = -1.0;
  ChannelCounts counts_;
};

}  // namespace sideman::osc
