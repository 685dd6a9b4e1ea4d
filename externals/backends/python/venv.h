#pragma once
// Where the user's Python lives. Reads a venv from the outside, without running anything in it. Any
// thread but audio; plain values.

#include <filesystem>
#include <string>
#include <vector>

#include "core/status.h"

namespace sideman {

struct Venv {
  std::filesystem::path folder;
  std::filesystem::path home;           // where the interpreter lies that it was made with
  std::string version;                  // "3.11", as pyvenv.cfg says
  std::filesystem::path site_packages;
  std::filesystem::path bridge;         // the bridge library of the sideman package in it
};

// The file name of the bridge library on this system.
const char* bridge_file_name();
// The interpreter's executable in a venv, which must name it to be recognised as one.
std::filesystem::path venv_executable(const std::filesystem::path& folder);
// "3.11" from a pyvenv.cfg; empty when the file is missing or says nothing of a version.
std::string venv_version(const std::filesystem::path& folder);

// The folder to use: `asked` when it is not empty, else the environment's SIDEMAN_PYTHON, else the
// first of `places` that holds a venv with sideman, else the first that holds any venv.
Status choose_venv(const std::string& asked, const std::vector<std::filesystem::path>& places,
                   std::filesystem::path& folder);
// `.venv` beside `binary` and in the folders above it, then ~/.sideman/venv.
std::vector<std::filesystem::path> default_places(const std::filesystem::path& binary);
// Everything about the venv in `folder`, or the first thing that is wrong with it.
Status read_venv(const std::filesystem::path& folder, Venv& venv);

}  // namespace sideman
