#include "backends/python/python_error.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "backends/python/bridge_abi.h"
#include "backends/python/remedies.h"
#include "core/paths.h"

namespace py = pybind11;

namespace sideman {

namespace {

constexpr size_t longest_message = 400;

std::string text_of(const py::handle& object) {
  try {
    return py::str(object).cast<std::string>();
  } catch (const std::exception&) {
    return "(its text cannot be read)";
  }
}

std::string one_line(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  if (text.size() > longest_message) {
    size_t end = longest_message;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // whole UTF-8
    text = text.substr(0, end) + "...";
  }
  return text;
}

bool is_kind(const py::object& type, std::string_view module, std::string_view name) {
  for (const py::handle& base : type.attr("__mro__")) {
    if (text_of(base.attr("__module__")) == module && text_of(base.attr("__name__")) == name) {
      return true;
    }
  }
  return false;
}

// One file per process, written again only when the error is another one: a model that fails at
// every hop must not fill the disk.
std::string keep_traceback(const std::string& text) {
  static std::string& last = *new std::string;
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path folder = fs::temp_directory_path(failed);
  if (failed) return "";
  const std::string process = text_of(py::module_::import("os").attr("getpid")());
  const fs::path file = folder / ("sideman-traceback-" + process + ".txt");
  if (text != last) {
    std::ofstream out(file, std::ios::trunc | std::ios::binary);
    out << text;
    if (!out.flush()) return "";
    last = text;
  }
  return path_to_utf8(file);
}

std::string place_of(const py::object& trace) {
  const py::list frames = py::module_::import("traceback").attr("extract_tb")(trace);
  if (frames.empty()) return "";
  const py::object frame = frames[frames.size() - 1];
  const std::filesystem::path file = path_from_utf8(text_of(frame.attr("filename")));
  return " (" + path_to_utf8(file.filename()) + ":" + text_of(frame.attr("lineno")) + ")";
}

std::string whole_traceback(const py::error_already_set& raised) {
  const py::object lines = py::module_::import("traceback").attr("format_exception")(
      raised.type(), raised.value(), raised.trace());
  return text_of(py::str("").attr("join")(lines));
}

std::string missing_package(const py::error_already_set& raised) {
  const std::string module = text_of(raised.value().attr("name"));
  const std::string package = module.substr(0, module.find('.'));
  const std::string python = text_of(py::module_::import("sys").attr("executable"));
  return "Python package '" + module + "' is missing; run: " + program_to_type(python) +
         " -m pip install " + package;
}

std::string unexpected(const py::error_already_set& raised) {
  std::string line = text_of(raised.type().attr("__name__")) + ": " +
                     one_line(text_of(raised.value())) + place_of(raised.trace());
  const std::string file = keep_traceback(whole_traceback(raised));
  return file.empty() ? line : line + "; traceback in " + file;
}

}  // namespace

PythonFailure describe(const py::error_already_set& raised) {
  try {
    const py::object type = raised.type();
    if (is_kind(type, "sideman.errors", "Cancelled")) {
      return {SIDEMAN_BRIDGE_CANCELLED, "cancelled"};
    }
    // Errors that Sideman raises on purpose are sentences already.
    if (is_kind(type, "sideman.errors", "SidemanError")) {
      return {SIDEMAN_BRIDGE_FAILED, one_line(text_of(raised.value()))};
    }
    if (raised.matches(PyExc_ModuleNotFoundError) && !raised.value().attr("name").is_none()) {
      return {SIDEMAN_BRIDGE_FAILED, missing_package(raised)};
    }
    return {SIDEMAN_BRIDGE_FAILED, unexpected(raised)};
  } catch (const std::exception&) {
    return {SIDEMAN_BRIDGE_FAILED, "Python raised an error that cannot be described"};
  }
}

}  // namespace sideman
