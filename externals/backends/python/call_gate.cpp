#include "backends/python/call_gate.h"

#include <chrono>

namespace sideman {

bool CallGate::enter() {
  const std::lock_guard lock(mutex_);
  if (stopped_) return false;
  ++inside_;
  return true;
}

void CallGate::leave() {
  {
    const std::lock_guard lock(mutex_);
    --inside_;
  }
  left_.notify_all();
}

CancelFlag CallGate::new_flag() {
  auto flag = std::make_shared<std::atomic<bool>>(false);
  const std::lock_guard lock(mutex_);
  std::erase_if(flags_, [](const auto& old) { return old.expired(); });
  flags_.push_back(flag);
  if (stopped_) flag->store(true);
  return flag;
}

bool CallGate::stop(int32_t milliseconds) {
  std::unique_lock lock(mutex_);
  stopped_ = true;
  for (const auto& known : flags_) {
    if (const CancelFlag flag = known.lock()) flag->store(true);
  }
  const std::chrono::milliseconds patience(milliseconds);
  return left_.wait_for(lock, patience, [&] { return inside_ == 0; });
}

CallGate& calls() {
  static CallGate* const gate = new CallGate;
  return *gate;
}

}  // namespace sideman
