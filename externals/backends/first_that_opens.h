#pragma once
// For `backend auto` with a host: the server where it answers, else the embedded Python. Which one it
// is is decided when the model is opened. The worker's thread, but for `cancel`.

#include <memory>
#include <mutex>
#include <utility>

#include "core/backend.h"

namespace sideman {

class FirstThatOpens final : public Backend {
 public:
  FirstThatOpens(std::shared_ptr<Backend> wanted, std::shared_ptr<Backend> otherwise,
                 ConsoleLine console)
      : chosen_(std::move(wanted)), otherwise_(std::move(otherwise)), console_(std::move(console)) {}

  Status open(const OpenRequest& request, ModelInfo& info) override {
    const Status status = chosen()->open(request, info);
    if (status.ok() || status.code == StatusCode::cancelled) return status;
    console_(status.sentence + "; the embedded Python plays instead");
    chosen()->close();
    {
      const std::lock_guard lock(mutex_);
      chosen_ = otherwise_;
    }
    return chosen()->open(request, info);
  }
  Status reset(const StreamPlan& plan) override { return chosen()->reset(plan); }
  Status generate(const HopRequest& request, HopResult& result) override {
    return chosen()->generate(request, result);
  }
  void close() override { chosen()->close(); }
  void cancel() noexcept override {
    const std::lock_guard lock(mutex_);
    chosen_->cancel();
    otherwise_->cancel();
  }

 private:
  std::shared_ptr<Backend> chosen() {
    const std::lock_guard lock(mutex_);
    return chosen_;
  }

  std::mutex mutex_;
  std::shared_ptr<Backend> chosen_;
  const std::shared_ptr<Backend> otherwise_;
  const ConsoleLine console_;
};

}  // namespace sideman
