#pragma once
// A server's UDP port, emptied by a thread of its own that never waits for Python: what passes the
// sieve lies ready for `take`, and `ring` is called when something came to lie there. The socket is
// the caller's, bound, and open until the ear is gone. Any thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backends/osc/sieve.h"

namespace sideman::osc {

class Ear {
 public:
  struct Came {
    std::vector<uint8_t> datagram;
    std::string host;
    uint16_t port = 0;
  };

  // native: the socket's handle; v6: its family. ring: on the ear's thread. Throws std::system_error.
  Ear(uintptr_t native, bool v6, std::function<void()> ring);
  ~Ear();  // ends the thread
  Ear(const Ear&) = delete;
  Ear& operator=(const Ear&) = delete;

  // As Sieve has them. Throws std::system_error when host is no address.
  void admit(int64_t session, const std::optional<SessionKeys>& keys, const std::string& host,
             uint16_t port);
  void dismiss(int64_t session);

  // Everything that passed since the last call, in its order.
  std::vector<Came> take();
  // Datagrams that did not pass, or came when `most_waiting` lay there.
  int64_t dropped() const;

 private:
  static constexpr size_t most_waiting = 8192;

  struct Inner;
  std::unique_ptr<Inner> inner_;
};

}  // namespace sideman::osc
