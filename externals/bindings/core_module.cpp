// _core: the engine's C++ for Python. The same Grid, Settings and Engine as in Max and Pd.

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "backends/python/bridge_abi.h"
#include "bindings/bindings.h"
#include "core/grid.h"

namespace py = pybind11;

namespace sideman {

void raise_unless_ok(const Status& status) {
  if (status.ok()) return;
  const char* kind = status.code == StatusCode::invalid ? "SettingsError" : "ModelError";
  const py::object type = py::module_::import("sideman.errors").attr(kind);
  PyErr_SetString(type.ptr(), status.sentence.c_str());
  throw py::error_already_set();
}

namespace {

std::string described(const Grid& grid) {
  return "Grid(sample_rate=" + std::to_string(grid.sample_rate) +
         ", frame_samples=" + std::to_string(grid.frame_samples) +
         ", hop_frames=" + std::to_string(grid.hop_frames) +
         ", lead_frames=" + std::to_string(grid.lead_frames) +
         ", window_frames=" + std::to_string(grid.window_frames) + ")";
}

py::tuple pair(const Interval& interval) { return py::make_tuple(interval.begin, interval.end); }

void bind_grid(py::module_& module) {
  const Grid standard;
  py::class_<Grid>(module, "Grid",
                   "Integer arithmetic on model-rate samples: which slot answers which hop.")
      .def(py::init([](int32_t rate, int32_t frame, int32_t hop, int32_t lead, int32_t window) {
             return Grid{rate, frame, hop, lead, window};
           }),
           py::arg("sample_rate") = standard.sample_rate,
           py::arg("frame_samples") = standard.frame_samples,
           py::arg("hop_frames") = standard.hop_frames,
           py::arg("lead_frames") = standard.lead_frames,
           py::arg("window_frames") = standard.window_frames)
      .def_readonly("sample_rate", &Grid::sample_rate)
      .def_readonly("frame_samples", &Grid::frame_samples)
      .def_readonly("hop_frames", &Grid::hop_frames)
      .def_readonly("lead_frames", &Grid::lead_frames)
      .def_readonly("window_frames", &Grid::window_frames)
      .def_property_readonly("hop_samples", [](const Grid& g) { return g.hop_samples(); })
      .def_property_readonly("lead_samples", [](const Grid& g) { return g.lead_samples(); })
      .def_property_readonly("window_samples", [](const Grid& g) { return g.window_samples(); })
      .def_property_readonly("reach_frames", [](const Grid& g) { return g.reach_frames(); })
      .def_property_readonly("reaction_samples", [](const Grid& g) { return g.reaction_samples(); })
      .def("heard", [](const Grid& g, int64_t hop) { return pair(g.heard(hop)); },
           py::arg("hop_id"))
      .def("slot", [](const Grid& g, int64_t hop) { return pair(g.slot(hop)); },
           py::arg("hop_id"))
      .def("hop_ready_at", [](const Grid& g, int64_t hop) { return g.hop_ready_at(hop); },
           py::arg("hop_id"))
      .def("hops_ready", [](const Grid& g, int64_t samples) { return g.hops_ready(samples); },
           py::arg("samples"))
      .def("deadline",
           [](const Grid& g, int64_t hop, int64_t fade) { return g.deadline(hop, fade); },
           py::arg("hop_id"), py::arg("fade_samples"))
      .def("validate", [](const Grid& g) { raise_unless_ok(g.validate()); })
      .def("validate_live",
           [](const Grid& g, int64_t fade) { raise_unless_ok(g.validate_live(fade)); },
           py::arg("fade_samples"))
      .def("__eq__", [](const Grid& a, const Grid& b) { return a == b; })
      .def("__eq__", [](const Grid&, const py::object&) { return false; })
      .def("__hash__", [](const Grid& g) { return py::hash(py::str(described(g))); })
      .def("__repr__", &described);
}

}  // namespace

}  // namespace sideman

PYBIND11_MODULE(_core, module) {
  module.doc() = "The engine of sideman~: grid, settings, offline and live play.";
  module.attr("__version__") = SIDEMAN_VERSION;
  module.attr("BRIDGE_ABI") = SIDEMAN_BRIDGE_ABI;
  sideman::bind_grid(module);
  sideman::bind_settings(module);
  sideman::bind_engine(module);
}
