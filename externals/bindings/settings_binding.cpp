#include <sstream>

#include <pybind11/stl.h>

#include "bindings/bindings.h"

namespace py = pybind11;

namespace sideman {

namespace {

const char* word(SettingType type) {
  switch (type) {
    case SettingType::toggle: return "toggle";
    case SettingType::integer: return "integer";
    case SettingType::real: return "real";
    case SettingType::choice: return "choice";
    case SettingType::text: return "text";
    case SettingType::words: return "words";
    case SettingType::tags: return "tags";
  }
  return "";
}

const char* word(SettingEffect effect) {
  switch (effect) {
    case SettingEffect::live: return "live";
    case SettingEffect::stream: return "stream";
    case SettingEffect::backend: return "backend";
    case SettingEffect::creation: return "creation";
  }
  return "";
}

py::list table() {
  py::list rows;
  for (const Setting& setting : settings_table()) {
    py::dict row;
    row["name"] = setting.name;
    row["type"] = word(setting.type);
    row["unit"] = setting.unit;
    row["minimum"] = setting.minimum;
    row["maximum"] = setting.maximum;
    row["default"] = setting.fallback;
    row["choices"] = setting.choices;
    row["effect"] = word(setting.effect);
    row["label"] = setting.label;
    row["sentence"] = setting.sentence;
    rows.append(row);
  }
  return rows;
}

Atom to_atom(const py::handle& value) {
  if (py::isinstance<py::bool_>(value)) return int64_t{value.cast<bool>()};
  if (py::isinstance<py::int_>(value)) return value.cast<int64_t>();
  if (py::isinstance<py::float_>(value)) return value.cast<double>();
  return py::str(value).cast<std::string>();
}

// One value comes back as itself, several as a list. `parts` and `tags` are lists at any length.
py::object from_atoms(const Settings& settings, const std::string& name) {
  const std::vector<Atom> atoms = settings.get(name);
  const Setting* setting = find_setting(name);
  if (!setting) throw py::key_error("no setting is called '" + name + "'");
  if (setting->type == SettingType::tags && settings.tags.empty()) return py::list();
  if (setting->type == SettingType::words || setting->type == SettingType::tags) {
    return py::cast(atoms);
  }
  return atoms.empty() ? py::object(py::str("")) : py::cast(atoms.front());
}

}  // namespace

std::vector<Atom> to_atoms(const py::handle& value) {
  std::vector<Atom> atoms;
  if (py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value)) {
    for (const py::handle& item : value) atoms.push_back(to_atom(item));
    return atoms;
  }
  return {to_atom(value)};
}

void bind_settings(py::module_& module) {
  module.def("settings_table", &table,
             "One dict per setting: name, type, unit, minimum, maximum, default, choices, effect, "
             "label, sentence.");
  py::class_<Settings>(module, "Settings", "Values for every row of settings_table().")
      .def(py::init<>())
      .def("set",
           [](Settings& self, const std::string& name, const py::object& value) {
             raise_unless_ok(self.set(name, to_atoms(value)));
           },
           py::arg("name"), py::arg("value"),
           "Takes a value as typed; raises SettingsError and changes nothing when it is refused.")
      .def("get", &from_atoms, py::arg("name"),
           "The value as a patch would save it; raises KeyError for an unknown name.")
      .def("__eq__", [](const Settings& a, const Settings& b) { return a == b; })
      .def("__eq__", [](const Settings&, const py::object&) { return false; });
}

}  // namespace sideman
