#pragma once
// What the files of `_core` share. All run with the GIL held, as Python calls them.

#include <string>
#include <vector>

#include <pybind11/pybind11.h>

#include "core/settings.h"
#include "core/status.h"

namespace sideman {

// A Status that is not ok becomes sideman.errors.SettingsError (invalid) or ModelError (the rest).
void raise_unless_ok(const Status& status);

// A value as Python has it, a list or tuple as several atoms.
std::vector<Atom> to_atoms(const pybind11::handle& value);

void bind_settings(pybind11::module_& module);
void bind_engine(pybind11::module_& module);

}  // namespace sideman
