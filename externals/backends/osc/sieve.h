#pragma once
// What a server lets through to Python of all that comes to its port: the datagrams of its sessions,
// each once, and now and then a hello. A flood of anything else costs a look each and nothing more.
// No sockets, no clock. One thread at a time. Times in seconds.

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "backends/osc/envelope.h"

namespace sideman::osc {

// Where a datagram came from; IPv4 as IPv6 has it (::ffff:a.b.c.d).
struct Peer {
  std::array<uint8_t, 16> address{};
  uint16_t port = 0;

  bool operator==(const Peer&) const = default;
};

class Sieve {
 public:
  // From now on datagrams of this session pass: sealed ones (keys) from anywhere once they open,
  // plain ones from `peer` alone.
  void admit(int64_t session, const std::optional<SessionKeys>& keys, const Peer& peer);
  void dismiss(int64_t session);

  bool passes(Bytes datagram, const Peer& peer, double now);

 private:
  static constexpr size_t hello_bytes = 320;  // docs/protocol.md, section 2
  // More hellos than the server answers, and few enough to be nothing to it.
  static constexpr double hellos_a_second = 100.0;
  static constexpr double hellos_at_once = 100.0;

  struct Guest {
    Envelope envelope;
    std::optional<Peer> peer;
  };

  bool takes_hello(double now);

  std::unordered_map<int64_t, Guest> guests_;
  std::array<uint8_t, datagram_bytes> opened_{};
  double hellos_ = hellos_at_once;
  double counted_ = 0.0;
};

}  // namespace sideman::osc
