#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "python_fixture.h"

using namespace sideman;
using namespace sideman::test;

namespace {

// Opening must fail with one line that holds all of `parts`.
void refuses(const std::string& where, const std::vector<std::string>& parts,
             const std::string& model = "echo") {
  Musician musician;
  const Status opened = musician.open(model, where);
  INFO(opened.sentence);
  CHECK_FALSE(opened.ok());
  CHECK(is_one_line(opened.sentence));
  for (const std::string& part : parts) CHECK(has(opened.sentence, part));
}

// A hop must fail with one line that holds all of `parts`; the next model plays as if nothing was.
void fails_and_recovers(const std::string& model, const std::vector<std::string>& parts) {
  Musician musician;
  REQUIRE(musician.open(model).ok());
  for (int repeat = 0; repeat < 3; ++repeat) {
    const Status played = musician.play();
    INFO(played.sentence);
    CHECK(played.code == StatusCode::failed);
    CHECK(is_one_line(played.sentence));
    for (const std::string& part : parts) CHECK(has(played.sentence, part));
  }
  REQUIRE(musician.open("echo").ok());
  CHECK(musician.play().ok());
  CHECK(musician.audio[0] == 0.25f);
}

}  // namespace

TEST_CASE("a hop goes through Python and comes back") {
  Musician musician;
  const Status opened = musician.open("echo");
  INFO(opened.sentence);
  REQUIRE(opened.ok());
  CHECK(musician.info.name == "echo");
  CHECK(musician.info.sample_rate == 44100);
  CHECK(musician.info.frame_samples == 512);
  CHECK(musician.info.hop_frames == std::vector<int32_t>{8, 4});
  CHECK(musician.info.lead_frames == 4);
  CHECK(musician.info.lead_minimum == 1);
  CHECK(musician.info.lead_maximum == 64);
  CHECK(musician.info.window_frames == 128);
  CHECK(musician.info.parts == std::vector<std::string>{"bass", "drums"});
  CHECK(musician.info.tags == std::vector<std::string>{"rock", "pop"});
  CHECK_FALSE(musician.info.any_tag);
  for (size_t i = 0; i < musician.window.size(); ++i) {
    musician.window[i] = 1.0f / static_cast<float>(i + 1);
  }
  REQUIRE(musician.play().ok());
  CHECK_FALSE(musician.result.continuous);
  const size_t offset = musician.window.size() - heard_channels * musician.audio.size();
  for (size_t i = 0; i < musician.audio.size(); ++i) {
    REQUIRE(musician.audio[i] == musician.window[offset + heard_channels * i]);
  }
  REQUIRE(musician.play().ok());
  CHECK(musician.result.continuous);
}

TEST_CASE("the sketch goes through Python beside the music") {
  Musician musician;
  REQUIRE(musician.open("plays_the_sketch").ok());
  for (size_t i = 0; i < musician.window.size(); ++i) {
    musician.window[i] = 1.0f / static_cast<float>(i + 1);
  }
  REQUIRE(musician.play().ok());
  const size_t offset = musician.window.size() - heard_channels * musician.audio.size() + 1;
  for (size_t i = 0; i < musician.audio.size(); ++i) {
    REQUIRE(musician.audio[i] == musician.window[offset + heard_channels * i]);
  }
}

TEST_CASE("every control reaches Python by its name") {
  Console console;
  Musician musician(console.line());
  REQUIRE(musician.open("prints_its_controls").ok());
  REQUIRE(musician.play().ok());
  musician.controls = {.steps = 3,
                       .guidance = 1.5,
                       .temperature = 0.75,
                       .clock = {.known = true, .bpm = 96.0, .beat = 8.25, .beats_per_bar = 3},
                       .track = false,
                       .tags = {{"rock", 0.5}, {"a warm bass", 1.0}},
                       .mode = "delay",
                       .inertia = 0.25,
                       .sampler = "ping-pong++",
                       .feedback = 0.75,
                       .mix = 0.125,
                       .patience = 2.5};
  REQUIRE(musician.play().ok());
  musician.controls = {};
  musician.controls.track = true;
  REQUIRE(musician.play().ok());
  const std::string plain =
      "clock=None feedback=0.0 guidance=-1.0 inertia=1.0 mix=1.0 mode='accompany' patience=1.0 sampler='auto' "
      "steps=-1 tags=() temperature=-1.0 track=";
  CHECK(console.taken() ==
        std::vector<std::string>{
            plain + "False",
            "clock=(96.0, 8.25, 3) feedback=0.75 guidance=1.5 inertia=0.25 mix=0.125 mode='delay' patience=2.5 "
            "sampler='ping-pong++' steps=3 tags=(('rock', 0.5), ('a warm bass', 1.0)) temperature=0.75 track=False",
            plain + "True"});
}

TEST_CASE("a clock that Python heard comes back, and none is none") {
  Musician musician;
  REQUIRE(musician.open("hears_a_clock").ok());
  REQUIRE(musician.play().ok());
  const HeardClock& heard = musician.result.heard;
  CHECK(heard.clock.known);
  CHECK(heard.clock.bpm == 93.5);
  CHECK(heard.clock.beat == 6.25);
  CHECK(heard.clock.beats_per_bar == 3);
  CHECK(heard.confidence == 0.75);
  REQUIRE(musician.open("echo").ok());
  REQUIRE(musician.play().ok());
  CHECK_FALSE(musician.result.heard.clock.known);
}

TEST_CASE("a bridge of another ABI is refused, and a right one plays afterwards") {
  refuses("old bridge", {"wants ABI 4", "versions differ", "install the same version"});
  Musician musician;
  CHECK(musician.open("echo").ok());
}

TEST_CASE("a venv in a folder with a space and a letter beyond ASCII works") {
  Musician musician;
  const Status opened = musician.open("echo", "a spaçe");
  INFO(opened.sentence);
  CHECK(opened.ok());
}

TEST_CASE("a missing venv is one line") { refuses("nowhere", {"nowhere", "does not exist"}); }

TEST_CASE("a folder that is no venv is one line") {
  refuses("no cfg", {"no pyvenv.cfg", "python3 -m venv"});
}

TEST_CASE("a venv without sideman is one line") {
  refuses("no sideman", {"not installed", "pip install FOLDER"});
}

TEST_CASE("a package without its bridge is one line") {
  refuses("no bridge", {"no bridge library", "--enable-shared"});
}

TEST_CASE("a bridge that is no library is one line") {
  refuses("broken bridge", {"does not load", "install sideman again"});
}

TEST_CASE("a Python that is too old or too new is one line") {
  refuses("old version", {"3.9", "too old", "3.10 to 3.13"});
  refuses("new version", {"3.99", "too new", "3.10 to 3.13"});
}

TEST_CASE("a venv whose Python was changed is one line") {
  refuses("changed version", {"make the venv again"});
}

TEST_CASE("a bridge of another Python version is refused before Python starts") {
  refuses("other version", {"3.1", "does not fit", "install sideman again"});
  Musician musician;
  CHECK(musician.open("echo", "whole").ok());
}

TEST_CASE("a missing package is one line that names it and how to install it") {
  refuses("no torch", {"'torch' is missing", "-m pip install torch"});
}

TEST_CASE("a second venv in one process is refused, the first one plays on") {
  Musician first, second;
  REQUIRE(first.open("echo", "whole").ok());
  const Status refused = second.open("echo", "a spaçe");
  CHECK(has(refused.sentence, "only one"));
  CHECK(is_one_line(refused.sentence));
  CHECK(first.play().ok());
}

TEST_CASE("a model that raises while it opens is one line with its place") {
  refuses("whole", {"RuntimeError: the third string is out of tune", "bridge.py:"},
          "raises_at_open");
}

TEST_CASE("sys.exit while a model opens does not end the host") {
  refuses("whole", {"SystemExit: 3"}, "exits_at_open");
}

TEST_CASE("an unknown model is one line") { refuses("whole", {"KeyError"}, "no such model"); }

TEST_CASE("a model that raises is one line that names a file with the traceback") {
  fails_and_recovers("raises", {"RuntimeError: the third string is out of tune", "(bridge.py:"});
  Musician musician;
  REQUIRE(musician.open("raises").ok());
  const std::string line = musician.play().sentence;
  const std::string before = "traceback in ";
  REQUIRE(has(line, before));
  std::ifstream file(line.substr(line.find(before) + before.size()));
  std::stringstream text;
  text << file.rdbuf();
  CHECK(has(text.str(), "Traceback"));
  CHECK(has(text.str(), "is out of tune"));
}

TEST_CASE("an error that Sideman raises on purpose is passed on as it is") {
  Musician musician;
  REQUIRE(musician.open("refuses").ok());
  CHECK(musician.play().sentence == "no such part: the model plays bass; set parts to bass");
}

TEST_CASE("sys.exit in a hop does not end the host") {
  fails_and_recovers("exits", {"SystemExit: 3"});
}

TEST_CASE("a keyboard interrupt in a hop does not end the host") {
  fails_and_recovers("interrupts", {"KeyboardInterrupt"});
}

TEST_CASE("a package that is missing in a hop is one line") {
  fails_and_recovers("misses_a_package", {"'a_package_that_nobody_has' is missing", "pip install"});
}

TEST_CASE("a model that keeps the engine's memory is told so") {
  fails_and_recovers("keeps_the_view", {"must copy"});
}

TEST_CASE("what Python prints arrives as lines at the console of the one who plays") {
  Console first, second;
  Musician quiet(first.line()), loud(second.line());
  REQUIRE(quiet.open("echo").ok());
  REQUIRE(loud.open("prints").ok());
  REQUIRE(loud.play().ok());
  CHECK(first.taken().empty());
  CHECK(second.taken() ==
        std::vector<std::string>{"first line", "second line", "a warning", "read: None"});
}

TEST_CASE("cancel ends a call that asks") {
  Musician musician;
  REQUIRE(musician.open("waits_for_cancel").ok());
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    musician.backend->cancel();
  });
  CHECK(musician.play().code == StatusCode::cancelled);
  other.join();
}

TEST_CASE("a cancel between two calls is not lost and ends only the next one") {
  Musician musician;
  REQUIRE(musician.open("echo").ok());
  musician.backend->cancel();
  CHECK(musician.play().code == StatusCode::cancelled);
  CHECK(musician.play().ok());
}

TEST_CASE("after stop no call enters Python") {
  Musician musician;
  REQUIRE(musician.open("echo").ok());
  CHECK(stop_python(1000));
  CHECK(musician.play().code == StatusCode::cancelled);
}

TEST_CASE("stop ends the calls that ask and says when one does not") {
  Musician asks, deaf;
  REQUIRE(asks.open("waits_for_cancel").ok());
  REQUIRE(deaf.open("sleeps_1_s").ok());
  std::thread first([&] { CHECK(asks.play().code == StatusCode::cancelled); });
  std::thread second([&] { CHECK(deaf.play().ok()); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  CHECK_FALSE(stop_python(50));
  CHECK(stop_python(5000));
  first.join();
  second.join();
}

TEST_CASE("eight clients share one interpreter") {
  std::vector<Musician> musicians(8);
  std::vector<std::thread> threads;
  for (Musician& musician : musicians) {
    threads.emplace_back([&musician] {
      CHECK(musician.open("client_number").ok());
      CHECK(musician.play().ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  // The number comes from one global of one module, so with one interpreter all differ.
  std::vector<int> numbers;
  for (const Musician& musician : musicians) {
    numbers.push_back(static_cast<int>(musician.audio[0] * 64.0f));
  }
  std::sort(numbers.begin(), numbers.end());
  CHECK(numbers == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8});
}
