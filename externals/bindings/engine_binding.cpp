#include <cstdio>
#include <cstdlib>

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "backends/choose.h"
#include "backends/python/bridge_calls.h"
#include "backends/python/python_backend.h"
#include "bindings/bindings.h"
#include "core/engine.h"

namespace py = pybind11;

namespace sideman {

namespace {

constexpr int32_t patience_ms = 1000;
using Samples = py::array_t<float, py::array::c_style | py::array::forcecast>;

// This interpreter is the one to use: the table enters it, and nothing has to be started.
const sideman_bridge_table& own_table() {
  static const sideman_bridge_table table = make_table(
      [](const char*, sideman_bridge_console, void*, sideman_bridge_error*) -> int {
        return SIDEMAN_BRIDGE_OK;
      });
  return table;
}

std::shared_ptr<Backend> make_backend(const Settings& settings, ConsoleLine console) {
  return choose_backend(settings, console, [&] {
    return std::make_shared<PythonBackend>(
        console, [](const OpenRequest&, const sideman_bridge_table*& table) {
          table = &own_table();
          return Status{};
        });
  });
}

Settings to_settings(const py::dict& values, const py::object& backend) {
  Settings settings;
  for (const auto& [name, value] : values) {
    raise_unless_ok(settings.set(name.cast<std::string>(), to_atoms(value)));
  }
  if (!backend.is_none()) raise_unless_ok(settings.set("backend", to_atoms(backend)));
  return settings;
}

const char* word(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::status: return "status";
    case Event::Kind::progress: return "progress";
    case Event::Kind::latency: return "latency";
    case Event::Kind::late: return "late";
    case Event::Kind::backend: return "backend";
    case Event::Kind::clock: return "clock";
    case Event::Kind::error: return "error";
    case Event::Kind::console: return "console";
  }
  return "";
}

py::dict to_dict(const Event& event) {
  py::dict result;
  result["kind"] = word(event.kind);
  result["state"] = to_word(event.state);
  result["samples"] = event.samples;
  result["value"] = event.value;
  result["text"] = event.text;
  if (event.kind == Event::Kind::clock) {
    const Clock& clock = event.heard.clock;
    result["clock"] =
        py::make_tuple(clock.bpm, clock.beat, clock.beats_per_bar, event.heard.confidence);
  }
  return result;
}

// The engine as a Python object. The worker needs the GIL to end a hop, so no call into the engine,
// its destruction included, may hold it.
class OfflineEngine {
 public:
  OfflineEngine(const py::dict& settings, const py::object& backend) {
    const Settings values = to_settings(settings, backend);
    parts_ = static_cast<py::ssize_t>(values.parts.size());
    const py::gil_scoped_release without_gil;
    engine_ = std::make_unique<Engine>(values, make_backend);
  }
  ~OfflineEngine() {
    const py::gil_scoped_release without_gil;
    engine_.reset();
  }

  template <typename Call>
  auto call(Call ask) const {
    const py::gil_scoped_release without_gil;
    return ask(*engine_);
  }

  py::array_t<float> process(const Samples& heard) const {
    const bool flat = heard.ndim() == 1;
    if (!flat && (heard.ndim() != 2 || heard.shape(0) < 1 || heard.shape(0) > heard_channels)) {
      throw py::value_error("process wants float32 [samples], [1, samples] or [2, samples]");
    }
    const py::ssize_t samples = heard.shape(heard.ndim() - 1);
    py::array_t<float> played({parts_, samples});
    const bool sketched = !flat && heard.shape(0) == heard_channels;
    const float* in[heard_channels] = {heard.data(), sketched ? heard.data() + samples : nullptr};
    std::vector<float*> out;
    for (py::ssize_t part = 0; part < parts_; ++part) {
      out.push_back(played.mutable_data() + part * samples);
    }
    call([&](Engine& engine) {
      engine.process(in, out.data(), static_cast<int>(parts_), static_cast<int>(samples));
      return 0;
    });
    return played;
  }

  py::list poll() const {
    std::vector<Event> events;
    call([&](Engine& engine) {
      while (auto event = engine.poll()) events.push_back(std::move(*event));
      return 0;
    });
    py::list result;
    for (const Event& event : events) result.append(to_dict(event));
    return result;
  }

  py::dict info() const {
    const EngineInfo info = call([](Engine& engine) { return engine.info(); });
    py::dict result;
    result["state"] = to_word(info.state);
    result["backend"] = info.backend;
    result["model"] = info.model.name;
    result["model_parts"] = info.model.parts;
    result["model_tags"] = info.model.tags;
    result["model_rate"] = info.grid.sample_rate;
    result["frame_samples"] = info.grid.frame_samples;
    result["hop_frames"] = info.grid.hop_frames;
    result["lead_frames"] = info.grid.lead_frames;
    result["window_frames"] = info.grid.window_frames;
    result["reaction_ms"] = info.reaction_ms;
    result["latency_samples"] = info.latency_samples;
    result["realtime_factor"] = info.realtime_factor;
    result["clock_source"] = to_word(info.clock_source);
    result["clock_bpm"] = info.clock_bpm;
    result["clock_confidence"] = info.clock_confidence;
    return result;
  }

  py::dict stats() const {
    const StatsSnapshot stats = call([](Engine& engine) { return engine.stats(); });
    py::dict result;
    result["hops"] = stats.hops;
    result["late"] = stats.late;
    result["missed"] = stats.missed;
    result["failed"] = stats.failed;
    result["silent_samples"] = stats.silent_samples;
    result["latency_p50_ms"] = stats.latency_p50_ms;
    result["latency_p95_ms"] = stats.latency_p95_ms;
    result["latency_max_ms"] = stats.latency_max_ms;
    result["latency_last_ms"] = stats.latency_last_ms;
    return result;
  }

  void set(const std::string& name, const py::object& value) const {
    const std::vector<Atom> atoms = to_atoms(value);
    raise_unless_ok(call([&](Engine& engine) { return engine.set(name, atoms); }));
  }

  Settings settings() const {
    return call([](Engine& engine) { return engine.settings(); });
  }

 private:
  std::unique_ptr<Engine> engine_;
  py::ssize_t parts_ = 1;
};

// Python ends while a worker may still be in a call: without this, the worker would take the GIL of
// an interpreter that is gone. A call that does not end in time ends the process here.
void leave_quietly() {
  bool quiet = false;
  {
    const py::gil_scoped_release without_gil;
    quiet = own_table().stop(patience_ms) == 0;
  }
  if (quiet) return;
  std::fflush(stdout);
  std::fflush(stderr);
  std::_Exit(EXIT_FAILURE);
}

}  // namespace

void bind_engine(py::module_& module) {
  using Self = OfflineEngine;
  py::class_<Self>(module, "Engine", "The engine of sideman~ without a host.")
      .def(py::init<const py::dict&, const py::object&>(), py::arg("settings") = py::dict(),
           py::arg("backend") = py::none())
      .def("prepare",
           [](const Self& self, double rate, int max_vector) {
             raise_unless_ok(self.call([&](Engine& e) { return e.prepare(rate, max_vector); }));
           },
           py::arg("sample_rate"), py::arg("max_vector"))
      .def("load", [](const Self& self) { self.call([](Engine& e) { return e.load(), 0; }); })
      .def("reset", [](const Self& self) { self.call([](Engine& e) { return e.reset(), 0; }); })
      .def("set", &Self::set, py::arg("name"), py::arg("value"))
      .def("settings", &Self::settings)
      .def("tempo",
           [](const Self& self, double bpm) {
             raise_unless_ok(self.call([&](Engine& e) { return e.tempo(bpm); }));
           },
           py::arg("bpm"))
      .def("beat",
           [](const Self& self, int beat) {
             raise_unless_ok(self.call([&](Engine& e) { return e.beat(beat); }));
           },
           py::arg("beat_in_bar") = 0)
      .def("meter",
           [](const Self& self, int beats) {
             raise_unless_ok(self.call([&](Engine& e) { return e.meter(beats); }));
           },
           py::arg("beats_per_bar"))
      .def("transport",
           [](const Self& self, bool running, double bpm, double beat, int beats_per_bar) {
             self.call(
                 [&](Engine& e) { return e.transport(running, bpm, beat, beats_per_bar), 0; });
           },
           py::arg("running"), py::arg("bpm"), py::arg("beat"), py::arg("beats_per_bar"))
      .def("process", &Self::process, py::arg("heard"),
           "The music, float32 [samples] or [1, samples] at the host's rate, or [2, samples] with the "
           "sketch -> float32 [parts, samples].")
      .def("poll", &Self::poll, "The events since the last call, as dicts.")
      .def("info", &Self::info)
      .def("stats", &Self::stats)
      .def("wait_idle",
           [](const Self& self, double ms) {
             return self.call([&](Engine& e) { return e.wait_idle(ms); });
           },
           py::arg("timeout_ms"))
      .def("wait_loaded",
           [](const Self& self, double ms) {
             return self.call([&](Engine& e) { return e.wait_loaded(ms); });
           },
           py::arg("timeout_ms"));
  py::module_::import("atexit").attr("register")(py::cpp_function(&leave_quietly));
}

}  // namespace sideman
