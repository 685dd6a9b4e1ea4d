#include "scripted_backends.h"

#include <atomic>
#include <chrono>
#include <thread>

#include "backends/echo/echo_backend.h"
#include "host/backends.h"

namespace maxhost {

namespace {

std::mutex diary_mutex;
std::vector<sideman::Clock> diary_pages;
std::atomic<int> begun{0}, ended{0};

class Diary final : public sideman::EchoBackend {
 public:
  Diary() : EchoBackend(0.0) {}
  sideman::Status generate(const sideman::HopRequest& request,
                           sideman::HopResult& result) override {
    {
      const std::lock_guard lock(diary_mutex);
      diary_pages.push_back(request.controls.clock);
    }
    return EchoBackend::generate(request, result);
  }
};

class Stubborn final : public sideman::EchoBackend {
 public:
  Stubborn() : EchoBackend(0.0) {}
  sideman::Status generate(const sideman::HopRequest& request,
                           sideman::HopResult& result) override {
    ++begun;
    std::this_thread::sleep_for(std::chrono::seconds(3));
    ++ended;
    return EchoBackend::generate(request, result);
  }
  void cancel() noexcept override {}
};

class Missing final : public sideman::EchoBackend {
 public:
  Missing() : EchoBackend(0.0) {}
  sideman::Status open(const sideman::OpenRequest&, sideman::ModelInfo&) override {
    return sideman::Status::unavailable("cannot open model missing");
  }
};

class Choir final : public sideman::EchoBackend {
 public:
  Choir() : EchoBackend(0.0) {}
  sideman::Status reset(const sideman::StreamPlan& plan) override {
    parts_ = plan.parts;
    return EchoBackend::reset(plan);
  }
  sideman::Status generate(const sideman::HopRequest& request,
                           sideman::HopResult& result) override {
    const sideman::Status status = EchoBackend::generate(request, result);
    const size_t hop = result.audio.size() / parts_.size();
    for (size_t i = 0; i < result.audio.size(); ++i) {
      result.audio[i] *= static_cast<float>(choir_level(parts_[i / hop]));
    }
    return status;
  }

 private:
  std::vector<std::string> parts_;
};

}  // namespace

double choir_level(std::string_view part) { return (part.front() - 'a' + 1) / 8.0; }

std::vector<sideman::Clock> diary() {
  const std::lock_guard lock(diary_mutex);
  return diary_pages;
}

void clear_diary() {
  const std::lock_guard lock(diary_mutex);
  diary_pages.clear();
}

int stubborn_begun() { return begun; }
int stubborn_under_way() { return begun - ended; }

}  // namespace maxhost

namespace sideman {

std::shared_ptr<Backend> make_backend(const Settings& settings, ConsoleLine) {
  if (settings.model == "stubborn") {
    return std::make_shared<maxhost::Stubborn>();
  }
  if (settings.model == "diary") {
    return std::make_shared<maxhost::Diary>();
  }
  if (settings.model == "missing") {
    return std::make_shared<maxhost::Missing>();
  }
  if (settings.model == "choir") {
    return std::make_shared<maxhost::Choir>();
  }
  return make_echo_backend(settings.delay);
}

void stop_backends(int) {}

}  // namespace sideman
