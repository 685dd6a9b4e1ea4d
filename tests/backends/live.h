#pragma once
// An engine with an audio thread of its own that plays in real time, as a host would. The music is
// a constant tone; the first hops are silence.

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "backends/python/python_backend.h"
#include "core/engine.h"

namespace sideman::test {

inline BackendFactory python_factory() {
  return [](const Settings&, ConsoleLine console) {
    return std::make_shared<PythonBackend>(std::move(console));
  };
}

inline Settings python_settings(const std::string& model, const std::string& venv, int lead = 4) {
  Settings settings;
  settings.model = model;
  settings.python = venv;
  settings.lead = lead;
  return settings;
}

class Live {
 public:
  explicit Live(const Settings& settings) : engine(settings, python_factory()) {
    opened = engine.prepare(44100.0, vector).ok();
    engine.load();
    opened = opened && engine.wait_loaded(30000.0);
    audio_ = std::thread([this] { play(); });
  }
  ~Live() {
    quit_.store(true);
    audio_.join();
  }
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  // Reads the events until one matches or the time is over.
  bool tells(State state, double seconds) {
    for (const auto end = now() + seconds; now() < end;) {
      while (auto event = engine.poll()) {
        if (event->kind == Event::Kind::error) errors.push_back(event->text);
        if (event->kind == Event::Kind::status && !event->text.empty()) {
          errors.push_back(event->text);
        }
        if (event->kind == Event::Kind::status && event->state == state) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  bool sounds(double seconds) {
    loudest_.store(0.0f);
    for (const auto end = now() + seconds; now() < end;) {
      if (loudest_.load() > 0.1f) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }
  int64_t played() const { return played_.load(); }
  float loudest() const { return loudest_.load(); }
  static double now() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(since).count();
  }

  Engine engine;
  std::vector<std::string> errors;
  bool opened = false;

 private:
  static constexpr int vector = 256;

  void play() {
    std::vector<float> in(vector, 0.25f), out(vector);
    const float* inlets[] = {in.data(), nullptr};
    float* outlet = out.data();
    const double began = now();
    while (!quit_.load()) {
      engine.process(inlets, &outlet, 1, vector);
      float loudest = loudest_.load();
      for (const float x : out) loudest = std::max(loudest, std::abs(x));
      loudest_.store(loudest);
      const double due = began + static_cast<double>(played_ += vector) / 44100.0;
      std::this_thread::sleep_for(std::chrono::duration<double>(due - now()));
    }
  }

  std::atomic<bool> quit_{false};
  std::atomic<int64_t> played_{0};
  std::atomic<float> loudest_{0.0f};
  std::thread audio_;
};

}  // namespace sideman::test
