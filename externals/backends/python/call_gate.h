#pragma once
// Counts the calls that are inside Python and closes for good when the host quits. Any thread but
// audio. Leaked on purpose (`calls()`): threads may still come through while the process ends.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace sideman {

using CancelFlag = std::shared_ptr<std::atomic<bool>>;

class CallGate {
 public:
  // False once stopped. Every true needs one `leave`.
  bool enter();
  void leave();
  // A new flag that `stop` raises too.
  CancelFlag new_flag();
  // Lets nobody in any more, raises every flag, waits for those inside; true when all have left.
  bool stop(int32_t milliseconds);

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  std::vector<std::weak_ptr<std::atomic<bool>>> flags_;
  int inside_ = 0;
  bool stopped_ = false;
};

CallGate& calls();

}  // namespace sideman
