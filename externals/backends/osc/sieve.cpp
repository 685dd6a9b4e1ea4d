#include "backends/osc/sieve.h"

#include <algorithm>

namespace sideman::osc {

void Sieve::admit(int64_t session, const std::optional<SessionKeys>& keys, const Peer& peer) {
  guests_.insert_or_assign(session, Guest{.envelope = Envelope(session, keys),
                                          .peer = keys ? std::nullopt : std::optional(peer)});
}

void Sieve::dismiss(int64_t session) { guests_.erase(session); }

bool Sieve::passes(Bytes datagram, const Peer& peer, double now) {
  const auto message = Reader::of(datagram);
  if (!message) return false;
  if (message->address() == "/sideman/hello") {
    return datagram.size() >= hello_bytes && takes_hello(now);
  }
  const auto session = session_of(datagram);
  const auto found = session ? guests_.find(*session) : guests_.end();
  if (found == guests_.end()) return false;
  Guest& guest = found->second;
  if (guest.peer && *guest.peer != peer) return false;
  return guest.envelope.unwrap(opened_, datagram).has_value();
}

bool Sieve::takes_hello(double now) {
  hellos_ = std::min(hellos_at_once, hellos_ + std::max(0.0, now - counted_) * hellos_a_second);
  counted_ = now;
  if (hellos_ < 1.0) return false;
  hellos_ -= 1.0;
  return true;
}

}  // namespace sideman::osc
