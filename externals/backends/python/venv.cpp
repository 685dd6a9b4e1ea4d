#include "backends/python/venv.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <string_view>

#include "backends/python/dynamic_library.h"
#include "backends/python/remedies.h"
#include "core/paths.h"

namespace sideman {

namespace fs = std::filesystem;

namespace {

constexpr int folders_above = 6;
#ifdef _WIN32
constexpr char make_venv[] = "py -3.11 -m venv ";  // there python3 may be a link to a shop
#else
constexpr char make_venv[] = "python3 -m venv ";
#endif
constexpr int oldest_minor = 10, newest_minor = 13;

bool there_is(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::string quoted(const fs::path& path) { return "'" + path_to_utf8(path) + "'"; }

std::string trimmed(const std::string& text) {
  size_t begin = 0, end = text.size();
  while (begin < end && std::isspace(static_cast<unsigned char>(text[begin]))) ++begin;
  while (end > begin && std::isspace(static_cast<unsigned char>(text[end - 1]))) --end;
  return text.substr(begin, end - begin);
}

// "3.11.7" and "3.11.7.final.0" -> "3.11"; anything else -> "".
std::string major_minor(const std::string& text) {
  const size_t first = text.find('.');
  if (first == std::string::npos || first == 0) return "";
  size_t end = first + 1;
  while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
  return end == first + 1 ? "" : text.substr(0, end);
}

// What pyvenv.cfg, which is in UTF-8, says under the first of `keys` that it has.
std::string told_by(const fs::path& folder, std::initializer_list<std::string_view> keys) {
  std::ifstream file(folder / "pyvenv.cfg");
  std::string line;
  while (std::getline(file, line)) {
    const size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string key = trimmed(line.substr(0, equals));
    if (std::ranges::find(keys, key) != keys.end()) return trimmed(line.substr(equals + 1));
  }
  return "";
}

// How far a version is outside of those that Sideman is made for: < 0 too old, > 0 too new.
int outside(const std::string& version) {
  const int major = std::atoi(version.c_str());
  const int minor = std::atoi(version.c_str() + version.find('.') + 1);
  if (major != 3) return major < 3 ? -1 : 1;
  return minor < oldest_minor ? -1 : minor > newest_minor ? 1 : 0;
}

fs::path site_packages_of(const fs::path& folder, const std::string& version) {
#ifdef _WIN32
  (void)version;
  return folder / "Lib" / "site-packages";
#else
  return folder / "lib" / ("python" + version) / "site-packages";
#endif
}

fs::path bridge_in(const fs::path& folder) {
  const std::string version = venv_version(folder);
  if (version.empty()) return {};
  return site_packages_of(folder, version) / "sideman" / bridge_file_name();
}

// A user may well give the interpreter itself, or a path from the home folder.
fs::path folder_as_typed(const std::string& typed) {
  fs::path path = path_as_typed(typed);
  std::error_code ignored;
  const fs::path above = path.parent_path().parent_path();
  return fs::is_regular_file(path, ignored) && there_is(above / "pyvenv.cfg") ? above : path;
}

}  // namespace

const char* bridge_file_name() {
#if defined(_WIN32)
  return "libsideman_bridge.dll";
#elif defined(__APPLE__)
  return "libsideman_bridge.dylib";
#else
  return "libsideman_bridge.so";
#endif
}

fs::path venv_executable(const fs::path& folder) {
#ifdef _WIN32
  return folder / "Scripts" / "python.exe";
#else
  return folder / "bin" / "python";
#endif
}

std::string venv_version(const fs::path& folder) {
  // venv writes `version`; virtualenv and uv write `version_info`
  return major_minor(told_by(folder, {"version", "version_info"}));
}

std::vector<fs::path> default_places(const fs::path& binary) {
  std::vector<fs::path> places;
  fs::path above = binary.parent_path();
  for (int i = 0; i <= folders_above && !above.empty(); ++i) {
    places.push_back(above / ".venv");
    if (above == above.parent_path()) break;
    above = above.parent_path();
  }
  const fs::path home = home_folder();
  if (!home.empty()) places.push_back(home / ".sideman" / "venv");
  return places;
}

Status choose_venv(const std::string& asked, const std::vector<fs::path>& places,
                   fs::path& folder) {
  const std::string named = asked.empty() ? environment("SIDEMAN_PYTHON") : asked;
  if (!named.empty()) {
    folder = folder_as_typed(named);
    return {};
  }
  for (const fs::path& place : places) {
    const fs::path bridge = bridge_in(place);
    if (!bridge.empty() && there_is(bridge)) {
      folder = place;
      return {};
    }
  }
  for (const fs::path& place : places) {
    if (there_is(place / "pyvenv.cfg")) {
      folder = place;
      return {};
    }
  }
  return Status::unavailable(
      "no Python found: no .venv beside the external or above it, and no ~/.sideman/venv; set "
      "'python' to a venv folder in which sideman is installed");
}

Status read_venv(const fs::path& folder, Venv& venv) {
  const std::string here = quoted(folder);
  if (!there_is(folder)) {
    return Status::unavailable("no Python in " + here +
                               ": the folder does not exist; set 'python' to a venv folder");
  }
  if (!there_is(folder / "pyvenv.cfg")) {
    return Status::unavailable("no Python in " + here + ": it holds no pyvenv.cfg, so it is not a "
                               "venv; make one with: " + make_venv +
                               word_to_type(path_to_utf8(folder)));
  }
  venv.folder = folder;
  venv.home = path_from_utf8(told_by(folder, {"home"}));
  venv.version = venv_version(folder);
  if (venv.version.empty()) {
    return Status::unavailable("Python in " + here + " is unknown: its pyvenv.cfg names no "
                               "version; make the venv again");
  }
  if (const int side = outside(venv.version); side != 0) {
    return Status::unavailable("Python " + venv.version + " in " + here + " is too " +
                               (side < 0 ? "old" : "new") +
                               ": Sideman needs 3.10 to 3.13; make the venv with one of these");
  }
  venv.site_packages = site_packages_of(folder, venv.version);
  if (!there_is(venv.site_packages)) {
    return Status::unavailable("Python " + venv.version + " in " + here + " has no packages: " +
                               quoted(venv.site_packages) + " is missing (was the Python version "
                               "changed?); make the venv again and install sideman in it");
  }
  venv.bridge = venv.site_packages / "sideman" / bridge_file_name();
  if (!there_is(venv.bridge) && there_is(venv.bridge.parent_path())) {
    return Status::unavailable("sideman in " + here + " has no bridge library: its Python has no "
                               "shared libpython; make the venv with a Python built with "
                               "--enable-shared and install sideman again");
  }
  if (!there_is(venv.bridge)) {
    return Status::unavailable("sideman is not installed in " + here + ": " + quoted(venv.bridge) +
                               " is missing; run: " +
                               program_to_type(path_to_utf8(venv_executable(folder))) +
                               " -m pip install FOLDER, that of Sideman's source");
  }
  return {};
}

}  // namespace sideman
