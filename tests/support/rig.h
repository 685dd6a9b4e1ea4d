#pragma once
// Rig plays an engine offline: after each vector it lets the worker finish what it can, so that the
// output depends on the input and the script alone, and no test waits for real time.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backends/echo/echo_backend.h"
#include "core/engine.h"
#include "support/script_backend.h"

namespace sideman::test {

inline BackendFactory echo_factory() {
  return [](const Settings& settings, ConsoleLine) { return make_echo_backend(settings.delay); };
}

inline BackendFactory script_factory(std::shared_ptr<Script> script) {
  return [script](const Settings&, ConsoleLine) { return std::make_shared<ScriptBackend>(script); };
}

inline Settings fixed_lead(int lead = 3, int hop = 4) {
  Settings settings;
  settings.lead = lead;
  settings.hop = hop;
  return settings;
}

class Rig {
 public:
  Rig(const Settings& settings, BackendFactory factory, double rate = 44100.0, int vector = 64,
      std::shared_ptr<Script> script = nullptr)
      : engine(settings, std::move(factory)),
        script_(std::move(script)),
        vector_(vector),
        out(settings.parts.size()) {
    opened = engine.prepare(rate, vector).ok();
    engine.load();
    opened = opened && engine.wait_loaded(10000.0) && engine.info().state == State::ready;
  }
  Rig(const Settings& settings, std::shared_ptr<Script> script, int vector = 64)
      : Rig(settings, script_factory(script), 44100.0, vector, script) {}

  // One vector, then as much thinking as the script allows.
  void vector(const float* in, int samples, const float* sketch = nullptr) {
    std::vector<std::vector<float>> parts(out.size(), std::vector<float>(samples));
    std::vector<float*> pointers;
    for (auto& part : parts) pointers.push_back(part.data());
    const float* inlets[] = {in, sketch};
    engine.process(inlets, pointers.data(), static_cast<int>(pointers.size()), samples);
    for (size_t p = 0; p < out.size(); ++p) {
      out[p].insert(out[p].end(), parts[p].begin(), parts[p].end());
    }
    position += samples;
    if (script_) script_->set_now(position);
    settle();
  }
  void play(const std::vector<float>& in) { play(in, vector_); }
  void play(const std::vector<float>& in, int vector_samples,
            const std::vector<float>& sketch = {}) {
    for (size_t done = 0; done < in.size();) {
      const auto count = std::min(static_cast<size_t>(vector_samples), in.size() - done);
      vector(in.data() + done, static_cast<int>(count),
             sketch.empty() ? nullptr : sketch.data() + done);
      done += count;
    }
  }
  void settle() {
    while (!(script_ && script_->holding()) && !engine.wait_idle(script_ ? 1.0 : 10000.0)) {
      if (!script_) throw std::runtime_error("the engine did not become idle");
    }
  }
  std::vector<Event> events() {
    std::vector<Event> all;
    while (auto event = engine.poll()) all.push_back(*event);
    return all;
  }
  // The states that were told, in order: "loading ready late".
  std::string states() {
    std::string words;
    for (const Event& event : events()) {
      if (event.kind != Event::Kind::status) continue;
      words += (words.empty() ? "" : " ") + std::string(to_word(event.state));
    }
    return words;
  }

  Engine engine;

 private:
  std::shared_ptr<Script> script_;
  int vector_;

 public:
  std::vector<std::vector<float>> out;  // per part, everything played so far
  int64_t position = 0;
  bool opened = false;
};

}  // namespace sideman::test
