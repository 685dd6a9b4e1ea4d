#pragma once
// Events keeps the object's state and the lines that wait for the host. Control and worker threads;
// never audio. One status event per change of state; a host that does not poll loses the oldest.

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "core/messages.h"

namespace sideman {

class Events {
 public:
  void push(Event event);
  void say(Event::Kind kind, std::string text);
  // Says so once, when it differs.
  void set_state(State state, std::string reason = {});
  State state() const;
  std::optional<Event> take();
  // True when the state became ready, late or error in time.
  bool wait_loaded(double timeout_ms);

 private:
  void push_locked(Event event);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Event> waiting_;
  State state_ = State::idle;
};

}  // namespace sideman
