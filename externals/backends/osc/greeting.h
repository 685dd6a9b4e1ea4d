#pragma once
// The client's half of the handshake (docs/protocol.md, section 2), without sockets. One thread at a
// time.

#include <optional>
#include <string>
#include <vector>

#include "backends/osc/channel.h"
#include "backends/osc/handshake.h"

namespace sideman::osc {

class Greeting {
 public:
  // token: empty on loopback without one. New keys for every greeting.
  explicit Greeting(const std::string& token);
  ~Greeting();  // leaves nothing of its secrets in memory
  Greeting(const Greeting&) = delete;
  Greeting& operator=(const Greeting&) = delete;

  const std::vector<uint8_t>& hello() const { return hello_; }
  // What the server's answer leads to: a channel, a refusal (its sentence; nothing proves it), or,
  // for anything that is no answer to this hello, nothing.
  struct Answer {
    std::optional<int64_t> session;
    std::optional<SessionKeys> keys;
    std::string refusal;
  };
  Answer hears(Bytes datagram) const;

 private:
  std::optional<Key> token_;
  KeyPair own_;
  std::vector<uint8_t> hello_;
};

}  // namespace sideman::osc
