#pragma once
// The envelope of every message of a session:
//   /sideman/sealed ,hhb   session, counter, message encrypted and authenticated
//   /sideman/plain ,hhb    session, counter, message as it is: loopback without a token only
// A counter is taken once: what comes again is dropped. XChaCha20-Poly1305 (IETF) from libsodium;
// the nonce is the counter, big endian, after 16 zero bytes, the session is authenticated with it,
// and each direction has its own key. One thread at a time.

#include <array>
#include <cstdint>
#include <optional>

#include "backends/osc/fragment.h"
#include "backends/osc/handshake.h"

namespace sideman::osc {

// What the envelope adds to a message, at most.
inline constexpr size_t envelope_bytes = 64;
inline constexpr size_t message_bytes = datagram_bytes - envelope_bytes;

// The session that an envelope names; empty when the bytes are none.
std::optional<int64_t> session_of(Bytes datagram);

// The last counters that came; older ones count as seen.
class Seen {
 public:
  bool has(int64_t counter) const;
  void add(int64_t counter);

 private:
  static constexpr int64_t window = 1024;
  std::array<uint64_t, window / 64> bits_{};
  int64_t newest_ = -1;
};

class Envelope {
 public:
  // Without keys: plain.
  Envelope(int64_t session, const std::optional<SessionKeys>& keys);
  ~Envelope();
  Envelope(const Envelope&) = default;
  Envelope& operator=(const Envelope&) = default;

  int64_t session() const { return session_; }
  // The datagram in `place`; empty when it does not fit.
  Bytes wrap(Place place, Bytes message);
  // The message, in `place`. Empty, and nothing changes, for what is not from the other side of this
  // session, or came before.
  std::optional<Bytes> unwrap(Place place, Bytes datagram);

 private:
  int64_t session_;
  std::optional<SessionKeys> keys_;
  int64_t next_ = 0;
  Seen seen_;
};

}  // namespace sideman::osc
