#pragma once
// The steps before and during Python's initialisation. Called once, by the interpreter's thread.

#include <filesystem>
#include <string>

namespace sideman {

// The bridge was loaded privately, so libpython was too; extension modules such as numpy expect to
// find Python's symbols in the process.
void share_libpython();

// One thread each for the mathematics libraries that read the environment when they load, unless
// the user's environment says otherwise. sideman.bridge raises torch's own number when it is asked.
void limit_threads();

// Isolated from the user's environment, with the venv's executable, without signal handlers; then
// checks that it is the venv that runs. On success the calling thread holds the GIL.
bool initialise_python(const std::filesystem::path& venv, std::string& why);

}  // namespace sideman
