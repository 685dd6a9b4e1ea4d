#pragma once
// The way to a server, with a thread of its own: UDP, and TCP as well once UDP has had no answer for
// a moment. What is heard first is the way from then on, until it falls silent. Datagrams that come,
// and a timer, are told on that thread. Knows nothing of OSC.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "backends/osc/osc.h"
#include "core/status.h"

namespace sideman::osc {

class Link {
 public:
  // heard: a datagram, valid during the call; tick: returns in how many seconds it wants to be called
  // again. Both on the link's thread, neither at the same time as the other.
  using Heard = std::function<void(Bytes)>;
  using Tick = std::function<double()>;

  Link(Heard heard, Tick tick);
  ~Link();  // ends the thread
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Looks up the host (which may take a while) and begins. When it is not known or not to be
  // reached it says so, and goes on looking all the same. Worker thread.
  Status connect(const std::string& host, int port);
  // From `heard` and `tick` alone.
  void send(Bytes datagram);
  // Calls `tick` soon. Any thread.
  void wake();
  // `last` is called on the link's thread before the sockets close.
  void close(const std::function<void()>& last = [] {});

 private:
  struct Inner;
  std::unique_ptr<Inner> inner_;
};

}  // namespace sideman::osc
