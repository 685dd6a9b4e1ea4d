#include "core/events.h"

#include <chrono>

namespace sideman {
namespace {

constexpr size_t most_waiting = 512;

}  // namespace

const char* to_word(State state) {
  switch (state) {
    case State::idle: return "idle";
    case State::loading: return "loading";
    case State::ready: return "ready";
    case State::late: return "late";
    case State::lost: return "lost";
    case State::error: return "error";
  }
  return "error";
}

void Events::push(Event event) {
  const std::lock_guard lock(mutex_);
  push_locked(std::move(event));
}

void Events::say(Event::Kind kind, std::string text) {
  Event event;
  event.kind = kind;
  event.text = std::move(text);
  push(std::move(event));
}

void Events::set_state(State state, std::string reason) {
  const std::lock_guard lock(mutex_);
  if (state == state_) return;
  state_ = state;
  Event event;
  event.kind = Event::Kind::status;
  event.state = state;
  event.text = std::move(reason);
  push_locked(std::move(event));
  changed_.notify_all();
}

State Events::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::optional<Event> Events::take() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  Event event = std::move(waiting_.front());
  waiting_.pop_front();
  return event;
}

bool Events::wait_loaded(double timeout_ms) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::duration<double, std::milli>(timeout_ms), [this] {
    return state_ != State::idle && state_ != State::loading;
  });
}

void Events::push_locked(Event event) {
  if (waiting_.size() == most_waiting) waiting_.pop_front();
  waiting_.push_back(std::move(event));
}

}  // namespace sideman
