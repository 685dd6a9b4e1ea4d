#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "backends/python/dynamic_library.h"
#include "backends/python/remedies.h"
#include "backends/python/venv.h"

using namespace sideman;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "sideman-venv-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }

  void write(const fs::path& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
  }
  void make_venv(const std::string& name, bool with_sideman) const {
    write(fs::path(name) / "pyvenv.cfg", "home = /usr/bin\nversion = 3.11.7\n");
    if (with_sideman) {
      write(fs::path(name) / "lib/python3.11/site-packages/sideman" / bridge_file_name(), "");
    }
  }
};

fs::path chosen(const std::string& asked, const std::vector<fs::path>& places) {
  fs::path folder;
  REQUIRE(choose_venv(asked, places, folder).ok());
  return folder;
}

}  // namespace

TEST_CASE("the version is read from what venv, virtualenv and uv write") {
  Folder folder;
  folder.write("a/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.7\n");
  folder.write("b/pyvenv.cfg", "version_info = 3.12.1.final.0\r\nhome=/usr/bin\r\n");
  folder.write("c/pyvenv.cfg", "home = /usr/bin\n");
  folder.write("d/pyvenv.cfg", "version = three\n");
  CHECK(venv_version(folder.path / "a") == "3.11");
  CHECK(venv_version(folder.path / "b") == "3.12");
  CHECK(venv_version(folder.path / "c") == "");
  CHECK(venv_version(folder.path / "d") == "");
  CHECK(venv_version(folder.path / "nothing") == "");
}

TEST_CASE("where the interpreter lies that a venv was made with is read too") {
  Folder folder;
  folder.make_venv("v", true);
  Venv venv;
  REQUIRE(read_venv(folder.path / "v", venv).ok());
  CHECK(venv.home == fs::path("/usr/bin"));
}

TEST_CASE("the folder that the user names is used as it is, even when it is wrong") {
  unsetenv("SIDEMAN_PYTHON");
  Folder folder;
  folder.make_venv("good", true);
  CHECK(chosen((folder.path / "bad").string(), {folder.path / "good"}) == folder.path / "bad");
}

TEST_CASE("the interpreter's own path stands for its venv, and ~ for home") {
  Folder folder;
  folder.make_venv("v", true);
  folder.write("v/bin/python", "");
  CHECK(chosen((folder.path / "v/bin/python").string(), {}) == folder.path / "v");
  CHECK(chosen("~/some venv", {}) == fs::path(std::getenv("HOME")) / "some venv");
}

TEST_CASE("the environment is asked before the default places") {
  Folder folder;
  folder.make_venv("place", true);
  setenv("SIDEMAN_PYTHON", (folder.path / "named").c_str(), 1);
  CHECK(chosen("", {folder.path / "place"}) == folder.path / "named");
  unsetenv("SIDEMAN_PYTHON");
  CHECK(chosen("", {folder.path / "place"}) == folder.path / "place");
}

TEST_CASE("a venv with sideman is preferred to a nearer one without") {
  unsetenv("SIDEMAN_PYTHON");
  Folder folder;
  folder.make_venv("near", false);
  folder.make_venv("far", true);
  CHECK(chosen("", {folder.path / "near", folder.path / "far"}) == folder.path / "far");
  CHECK(chosen("", {folder.path / "near", folder.path / "none"}) == folder.path / "near");
}

TEST_CASE("no venv anywhere is one line that says what to set") {
  unsetenv("SIDEMAN_PYTHON");
  Folder folder;
  fs::path unused;
  const Status none = choose_venv("", {folder.path / "a", folder.path / "b"}, unused);
  CHECK(none.code == StatusCode::unavailable);
  CHECK(none.sentence.find("set 'python'") != std::string::npos);
}

TEST_CASE("the default places go up from the binary and end in the home folder") {
  const auto places = default_places("/a/b/c/sideman~.pd_linux");
  REQUIRE(places.size() >= 5);
  CHECK(places[0] == "/a/b/c/.venv");
  CHECK(places[1] == "/a/b/.venv");
  CHECK(places[3] == "/.venv");
  CHECK(places.back() == fs::path(std::getenv("HOME")) / ".sideman" / "venv");
}

TEST_CASE("the binary that this code is in is found") {
  CHECK(own_binary().filename() == "test_venv");
  CHECK(fs::exists(own_binary()));
}

TEST_CASE("a command that a message tells can be typed, in either shell of its system") {
  CHECK(program_to_type("/my venv/bin/python", false) == "'/my venv/bin/python'");
  CHECK(program_to_type("C:/venv/python.exe", true) == "C:/venv/python.exe");
  CHECK(program_to_type("C:/my venv/python.exe", true) == "& \"C:/my venv/python.exe\"");
  CHECK(word_to_type("C:/my venv", true) == "\"C:/my venv\"");
  CHECK(word_to_type("/my venv", false) == "'/my venv'");
}
