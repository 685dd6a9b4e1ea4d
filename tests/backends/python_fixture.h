#pragma once
// What the tests of the embedded Python share. Every test case that starts Python runs in a process
// of its own (see CMakeLists.txt), because a process has one interpreter. The venvs are made by
// tests/support/python/make_venvs.py; the name of the model picks the behaviour of the stand-in.

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "backends/python/python_backend.h"

namespace sideman::test {

inline std::string venv(const std::string& name) {
  return (std::filesystem::path(SIDEMAN_TEST_VENVS) / name).string();
}

inline OpenRequest request(const std::string& model, const std::string& where = "whole") {
  return {model, {"bass"}, "cpu", venv(where), 1};
}

struct Console {
  std::mutex mutex;
  std::vector<std::string> lines;

  ConsoleLine line() {
    return [this](const std::string& text) {
      const std::lock_guard lock(mutex);
      lines.push_back(text);
    };
  }
  std::vector<std::string> taken() {
    const std::lock_guard lock(mutex);
    return lines;
  }
};

// One musician at the backend's seam, without an engine.
struct Musician {
  explicit Musician(ConsoleLine console = {})
      : backend(std::make_shared<PythonBackend>(std::move(console))) {}

  Status open(const std::string& model, const std::string& where = "whole") {
    const OpenRequest asked = request(model, where);
    if (Status opened = backend->open(asked, info); !opened.ok()) return opened;
    grid.frame_samples = info.frame_samples;
    grid.hop_frames = info.hop_frames.front();
    grid.lead_frames = info.lead_frames;
    grid.window_frames = info.window_frames;
    window.assign(static_cast<size_t>(grid.window_samples() * heard_channels), 0.25f);
    audio.assign(static_cast<size_t>(grid.hop_samples()), 9.0f);
    return backend->reset({grid, asked.parts, 0});
  }

  Status play() {
    HopRequest hop;
    hop.hop_id = next++;
    hop.grid = grid;
    hop.window = window;
    hop.slot = grid.slot(hop.hop_id);
    hop.controls = controls;
    result.audio = audio;
    result.parts = 1;
    return backend->generate(hop, result);
  }

  std::shared_ptr<PythonBackend> backend;
  ModelInfo info;
  Grid grid;
  std::vector<float> window, audio;
  HopResult result;
  Controls controls;
  int64_t next = 0;
};

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline bool is_one_line(const std::string& text) {
  return !text.empty() && text.find('\n') == std::string::npos;
}

}  // namespace sideman::test
