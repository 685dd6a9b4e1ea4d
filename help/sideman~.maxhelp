{
 "patcher": {
  "fileversion": 1,
  "appversion": {
   "major": 8,
   "minor": 6,
   "revision": 0,
   "architecture": "x64",
   "modernui": 1
  },
  "classnamespace": "box",
  "rect": [
   100.0,
   100.0,
   860.0,
   700.0
  ],
  "showontab": 0,
  "boxes": [
   {
    "box": {
     "id": "obj-1",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      10,
      20,
      63.0,
      22.0
     ],
     "text": "p basic",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       100.0,
       100.0,
       860.0,
       700.0
      ],
      "showontab": 1,
      "boxes": [
       {
        "box": {
         "id": "obj-1",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          15,
          800,
          22.0
         ],
         "text": "sideman~ listens to the music at its inlet and plays a part that fits it."
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          40,
          800,
          22.0
         ],
         "text": "1. Switch the audio on (the loudspeaker). 2. Start the example (the toggle)."
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "toggle",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          80,
          24,
          24
         ],
         "outlettype": [
          "int"
         ]
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          75,
          82,
          462.0,
          22.0
         ],
         "text": "the example, which goes round and tells its tempo and first beat"
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          40,
          130,
          84.0,
          22.0
         ],
         "outlettype": [
          "signal",
          ""
         ],
         "text": "p example",
         "patcher": {
          "fileversion": 1,
          "appversion": {
           "major": 8,
           "minor": 6,
           "revision": 0,
           "architecture": "x64",
           "modernui": 1
          },
          "classnamespace": "box",
          "rect": [
           100.0,
           100.0,
           860.0,
           700.0
          ],
          "showontab": 0,
          "boxes": [
           {
            "box": {
             "id": "obj-1",
             "maxclass": "newobj",
             "numinlets": 2,
             "numoutlets": 2,
             "patching_rect": [
              40,
              220,
              63.0,
              22.0
             ],
             "outlettype": [
              "signal",
              "bang"
             ],
             "text": "sfplay~"
            }
           },
           {
            "box": {
             "id": "obj-2",
             "maxclass": "newobj",
             "numinlets": 1,
             "numoutlets": 1,
             "patching_rect": [
              40,
              20,
              245.0,
              22.0
             ],
             "outlettype": [
              ""
             ],
             "text": "loadmess open sideman-example.wav"
            }
           },
           {
            "box": {
             "id": "obj-3",
             "maxclass": "newobj",
             "numinlets": 0,
             "numoutlets": 1,
             "patching_rect": [
              340,
              20,
              49.0,
              22.0
             ],
             "outlettype": [
              ""
             ],
             "text": "inlet"
            }
           },
           {
            "box": {
             "id": "obj-4",
             "maxclass": "newobj",
             "numinlets": 1,
             "numoutlets": 3,
             "patching_rect": [
              340,
              60,
              63.0,
              22.0
             ],
             "outlettype": [
              "",
              "",
              ""
             ],
             "text": "sel 1 0"
            }
           },
           {
            "box": {
             "id": "obj-5",
             "maxclass": "newobj",
             "numinlets": 2,
             "numoutlets": 1,
             "patching_rect": [
              480,
              60,
              42.0,
              22.0
             ],
             "outlettype": [
              ""
             ],
             "text": "gate"
            }
           },
           {
            "box": {
             "id": "obj-6",
             "maxclass": "newobj",
             "numinlets": 1,
             "numoutlets": 3,
             "patching_rect": [
              340,
              120,
              63.0,
              22.0
             ],
             "outlettype": [
              "",
              "",
              ""
             ],
             "text": "t b b b"
            }
           },
           {
            "box": {
             "id": "obj-7",
             "maxclass": "message",
             "numinlets": 2,
             "numoutlets": 1,
             "patching_rect": [
              140,
              180,
              21.0,
              22.0
             ],
             "outlettype": [
              ""
             ],
             "text": "0"
            }
           },
           {
            "box": {
             "id": "obj-8",
             "maxclass": "message",
             "numinlets": 2,
             "numoutlets": 1,
             "patching_rect": [
              600,
              180,
              84.0,
              22.0
             ],
             "outlettype": [
              ""
             ],
             "text": "clock auto"
            }
           },
           {
            "box": {
             "id": "obj-9",
             "maxclass": "message",
             "numinlets": 2,
             "numoutlets": 1,
             "patching_rect": [
              200,
              180,
              21.0,
              22.0
             ],
             "outlettype": [
              ""
             ],
             "text": "1"
            }
           },
           {
            "box": {
             "id": "obj-10",
             "maxclass": "newobj",
             "numinlets": 2,
             "numoutlets": 1,
             "patching_rect": [
              340,
              180,
              70.0,
              22.0
             ],
             "outlettype": [
              "bang"
             ],
             "text": "delay 20"
            }
           },
           {
            "box": {
             "id": "obj-11",
             "maxclass": "message",
             "numinlets": 2,
             "numoutlets": 1,
             "patching_rect": [
              480,
              180,
              91.0,
              22.0
             ],
             "outlettype": [
              ""
             ],
             "text": "tempo 113.4"
            }
           },
           {
            "box": {
             "id": "obj-12",
             "maxclass": "message",
             "numinlets": 2,
             "numoutlets": 1,
             "patching_rect": [
              340,
              220,
              56.0,
              22.0
             ],
             "outlettype": [
              ""
             ],
             "text": "beat 1"
            }
           },
           {
            "box": {
             "id": "obj-13",
             "maxclass": "newobj",
             "numinlets": 1,
             "numoutlets": 0,
             "patching_rect": [
              40,
              280,
              56.0,
              22.0
             ],
             "text": "outlet"
            }
           },
           {
            "box": {
             "id": "obj-14",
             "maxclass": "newobj",
             "numinlets": 1,
             "numoutlets": 0,
             "patching_rect": [
              340,
              280,
              56.0,
              22.0
             ],
             "text": "outlet"
            }
           }
          ],
          "lines": [
           {
            "patchline": {
             "source": [
              "obj-2",
              0
             ],
             "destination": [
              "obj-1",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-3",
              0
             ],
             "destination": [
              "obj-4",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-3",
              0
             ],
             "destination": [
              "obj-5",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-1",
              1
             ],
             "destination": [
              "obj-5",
              1
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-5",
              0
             ],
             "destination": [
              "obj-6",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-4",
              0
             ],
             "destination": [
              "obj-6",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-4",
              1
             ],
             "destination": [
              "obj-7",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-4",
              0
             ],
             "destination": [
              "obj-8",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-6",
              0
             ],
             "destination": [
              "obj-9",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-6",
              1
             ],
             "destination": [
              "obj-10",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-6",
              2
             ],
             "destination": [
              "obj-11",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-10",
              0
             ],
             "destination": [
              "obj-12",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-9",
              0
             ],
             "destination": [
              "obj-1",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-7",
              0
             ],
             "destination": [
              "obj-1",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-1",
              0
             ],
             "destination": [
              "obj-13",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-12",
              0
             ],
             "destination": [
              "obj-14",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-11",
              0
             ],
             "destination": [
              "obj-14",
              0
             ]
            }
           },
           {
            "patchline": {
             "source": [
              "obj-8",
              0
             ],
             "destination": [
              "obj-14",
              0
             ]
            }
           }
          ]
         }
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "ezadc~",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          260,
          116,
          45,
          45
         ],
         "outlettype": [
          "signal",
          "signal"
         ],
         "local": 1
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "gain~",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          260,
          176,
          22,
          100
         ],
         "outlettype": [
          "signal",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          312,
          129,
          119.0,
          22.0
         ],
         "text": "or a microphone"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          288,
          206,
          152,
          38.0
         ],
         "text": "your own: raise it; headphones"
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          150,
          300,
          189.0,
          22.0
         ],
         "outlettype": [
          "signal",
          ""
         ],
         "text": "sideman~ mini @parts bass"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          460,
          106,
          77.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "tempo 120"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          590,
          107,
          63.0,
          22.0
         ],
         "text": "by hand"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          460,
          136,
          56.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "beat 1"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          590,
          137,
          224.0,
          22.0
         ],
         "text": "the first beat of a bar is now"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          460,
          166,
          91.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "clock track"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          590,
          167,
          259.0,
          22.0
         ],
         "text": "your own playing: it hears the beat"
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          460,
          196,
          84.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "clock auto"
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          590,
          197,
          245.0,
          22.0
         ],
         "text": "your messages, else what it hears"
        }
       },
       {
        "box": {
         "id": "obj-19",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          460,
          226,
          42.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "info"
        }
       },
       {
        "box": {
         "id": "obj-20",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          590,
          227,
          210.0,
          22.0
         ],
         "text": "every figure, to the console"
        }
       },
       {
        "box": {
         "id": "obj-21",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          380,
          345,
          105.0,
          22.0
         ],
         "text": "print sideman"
        }
       },
       {
        "box": {
         "id": "obj-22",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          330,
          375,
          480,
          38.0
         ],
         "text": "status idle, loading, ready, late, lost or error; latency; late; progress; clock"
        }
       },
       {
        "box": {
         "id": "obj-23",
         "maxclass": "gain~",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          40,
          390,
          22,
          100
         ],
         "outlettype": [
          "signal",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-24",
         "maxclass": "gain~",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          150,
          390,
          22,
          100
         ],
         "outlettype": [
          "signal",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-25",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          65,
          430,
          77.0,
          22.0
         ],
         "text": "the music"
        }
       },
       {
        "box": {
         "id": "obj-26",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          177,
          430,
          42.0,
          22.0
         ],
         "text": "bass"
        }
       },
       {
        "box": {
         "id": "obj-27",
         "maxclass": "ezdac~",
         "numinlets": 2,
         "numoutlets": 0,
         "patching_rect": [
          40,
          515,
          45,
          45
         ],
         "local": 1
        }
       },
       {
        "box": {
         "id": "obj-28",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          92,
          527,
          21.0,
          22.0
         ],
         "text": "1"
        }
       },
       {
        "box": {
         "id": "obj-29",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          190,
          356,
          98.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "loadmess 118"
        }
       },
       {
        "box": {
         "id": "obj-30",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          10,
          82,
          21.0,
          22.0
         ],
         "text": "2"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-3",
          0
         ],
         "destination": [
          "obj-5",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-6",
          0
         ],
         "destination": [
          "obj-7",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-10",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
         ],
         "destination": [
          "obj-10",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-11",
          0
         ],
         "destination": [
          "obj-10",
          0
         ],
         "midpoints": [
          469.5,
          132.0,
          452,
          132.0,
          452,
          292,
          159.5,
          292
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-13",
          0
         ],
         "destination": [
          "obj-10",
          0
         ],
         "midpoints": [
          469.5,
          162.0,
          452,
          162.0,
          452,
          292,
          159.5,
          292
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-10",
          0
         ],
         "midpoints": [
          469.5,
          192.0,
          452,
          192.0,
          452,
          292,
          159.5,
          292
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-10",
          0
         ],
         "midpoints": [
          469.5,
          222.0,
          452,
          222.0,
          452,
          292,
          159.5,
          292
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-19",
          0
         ],
         "destination": [
          "obj-10",
          0
         ],
         "midpoints": [
          469.5,
          252.0,
          452,
          252.0,
          452,
          292,
          159.5,
          292
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          1
         ],
         "destination": [
          "obj-10",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-10",
          1
         ],
         "destination": [
          "obj-21",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-23",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-10",
          0
         ],
         "destination": [
          "obj-24",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-23",
          0
         ],
         "destination": [
          "obj-27",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-23",
          0
         ],
         "destination": [
          "obj-27",
          1
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-24",
          0
         ],
         "destination": [
          "obj-27",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-24",
          0
         ],
         "destination": [
          "obj-27",
          1
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-29",
          0
         ],
         "destination": [
          "obj-23",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-29",
          0
         ],
         "destination": [
          "obj-24",
          0
         ]
        }
       }
      ]
     }
    }
   },
   {
    "box": {
     "id": "obj-2",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      90,
      50,
      63.0,
      22.0
     ],
     "text": "p parts",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       100.0,
       100.0,
       860.0,
       700.0
      ],
      "showontab": 1,
      "boxes": [
       {
        "box": {
         "id": "obj-1",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          15,
          800,
          38.0
         ],
         "text": "One object plays a whole band: a word and an outlet per part. They think together: four take two to three times as long as one."
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 5,
         "patching_rect": [
          40,
          120,
          322.0,
          22.0
         ],
         "outlettype": [
          "signal",
          "signal",
          "signal",
          "signal",
          ""
         ],
         "text": "sideman~ mini @parts bass drums guitar piano"
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          360,
          160,
          105.0,
          22.0
         ],
         "text": "print sideman"
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          80,
          56.0,
          22.0
         ],
         "outlettype": [
          "signal"
         ],
         "text": "adc~ 1"
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "gain~",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          40,
          225,
          22,
          100
         ],
         "outlettype": [
          "signal",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          65,
          270,
          42.0,
          22.0
         ],
         "text": "bass"
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "gain~",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          130,
          225,
          22,
          100
         ],
         "outlettype": [
          "signal",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          155,
          270,
          49.0,
          22.0
         ],
         "text": "drums"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "gain~",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          220,
          225,
          22,
          100
         ],
         "outlettype": [
          "signal",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          245,
          270,
          56.0,
          22.0
         ],
         "text": "guitar"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "gain~",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          310,
          225,
          22,
          100
         ],
         "outlettype": [
          "signal",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          335,
          270,
          49.0,
          22.0
         ],
         "text": "piano"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "ezdac~",
         "numinlets": 2,
         "numoutlets": 0,
         "patching_rect": [
          40,
          380,
          45,
          45
         ],
         "local": 1
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          95,
          392,
          280.0,
          22.0
         ],
         "text": "the audio of this tab; wear headphones"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          350,
          191,
          98.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "loadmess 118"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          520,
          800,
          38.0
         ],
         "text": "parts and mc are said when the object is made; with @mc 1 there is one multichannel outlet for all parts, and parts may change while it plays."
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          450,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "parts"
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          480,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "mc"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-2",
          4
         ],
         "destination": [
          "obj-3",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-4",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-2",
          0
         ],
         "destination": [
          "obj-5",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-2",
          1
         ],
         "destination": [
          "obj-7",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-2",
          2
         ],
         "destination": [
          "obj-9",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-2",
          3
         ],
         "destination": [
          "obj-11",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-5",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-7",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-9",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-11",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-13",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-13",
          1
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
         ],
         "destination": [
          "obj-13",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
         ],
         "destination": [
          "obj-13",
          1
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-9",
          0
         ],
         "destination": [
          "obj-13",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-9",
          0
         ],
         "destination": [
          "obj-13",
          1
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-11",
          0
         ],
         "destination": [
          "obj-13",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-11",
          0
         ],
         "destination": [
          "obj-13",
          1
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       }
      ]
     }
    }
   },
   {
    "box": {
     "id": "obj-3",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      170,
      20,
      70.0,
      22.0
     ],
     "text": "p timing",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       100.0,
       100.0,
       860.0,
       700.0
      ],
      "showontab": 1,
      "boxes": [
       {
        "box": {
         "id": "obj-1",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          15,
          800,
          38.0
         ],
         "text": "The object hears a hop of music, thinks, and plays its answer after the lead. hop + lead is the reaction: what you play now can be answered then, not earlier. lead auto measures the machine."
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          40,
          480,
          203.0,
          22.0
         ],
         "outlettype": [
          "signal",
          ""
         ],
         "text": "sideman~ mini @backend echo"
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          360,
          520,
          105.0,
          22.0
         ],
         "text": "print sideman"
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          80,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "hop"
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          110,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "lead"
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          140,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "fade"
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          170,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "steps"
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          200,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "fallback"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          230,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "delay"
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40,
          280,
          112.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "window 0.125 1"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          170,
          281,
          406.0,
          22.0
         ],
         "text": "hop and lead in the accompaniment paper's words, r and w"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40,
          310,
          49.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "bench"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          170,
          311,
          273.0,
          22.0
         ],
         "text": "opens the model again and measures it"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40,
          340,
          49.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "reset"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          170,
          341,
          266.0,
          22.0
         ],
         "text": "forgets what was heard; a new stream"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          560,
          800,
          38.0
         ],
         "text": "status late: an answer came too late and a fade hid it. Take lead auto, fewer steps or fewer parts; info shows how long thinking takes."
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          330,
          80,
          480,
          38.0
         ],
         "text": "the echo needs no model: what it hears comes back after hop and lead; delay lets it think slowly"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-2",
          1
         ],
         "destination": [
          "obj-3",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-4",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-6",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-9",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-10",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          49.5,
          306.0,
          32,
          306.0,
          32,
          472,
          49.5,
          472
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-12",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          49.5,
          336.0,
          32,
          336.0,
          32,
          472,
          49.5,
          472
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-14",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          49.5,
          366.0,
          32,
          366.0,
          32,
          472,
          49.5,
          472
         ]
        }
       }
      ]
     }
    }
   },
   {
    "box": {
     "id": "obj-4",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      250,
      50,
      63.0,
      22.0
     ],
     "text": "p model",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       100.0,
       100.0,
       860.0,
       700.0
      ],
      "showontab": 1,
      "boxes": [
       {
        "box": {
         "id": "obj-1",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          15,
          800,
          22.0
         ],
         "text": "mini comes with the Python package; a folder that sideman train export wrote is given by its path."
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          40,
          560,
          105.0,
          22.0
         ],
         "outlettype": [
          "signal",
          ""
         ],
         "text": "sideman~ mini"
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          360,
          600,
          105.0,
          22.0
         ],
         "text": "print sideman"
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          44,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "model"
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          74,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "backend"
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          104,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "device"
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          134,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "threads"
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          164,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "seed"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          194,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "guidance"
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          224,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "temperature"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          254,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "sampler"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          284,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "inertia"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          314,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "patience"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          344,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "tags"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          374,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "mute"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          400,
          60,
          42.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "load"
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          570,
          61,
          161.0,
          22.0
         ],
         "text": "opens the model again"
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          400,
          90,
          77.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "load mini"
        }
       },
       {
        "box": {
         "id": "obj-19",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          570,
          91,
          105.0,
          22.0
         ],
         "text": "another model"
        }
       },
       {
        "box": {
         "id": "obj-20",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          400,
          120,
          119.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "tags bright 0.8"
        }
       },
       {
        "box": {
         "id": "obj-21",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          570,
          121,
          140.0,
          22.0
         ],
         "text": "how it shall sound"
        }
       },
       {
        "box": {
         "id": "obj-22",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          400,
          150,
          161.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "tags rock 1. busy 0.5"
        }
       },
       {
        "box": {
         "id": "obj-23",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          570,
          151,
          140.0,
          22.0
         ],
         "text": "words may be mixed"
        }
       },
       {
        "box": {
         "id": "obj-24",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          400,
          180,
          42.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "tags"
        }
       },
       {
        "box": {
         "id": "obj-25",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          570,
          181,
          140.0,
          22.0
         ],
         "text": "as the model likes"
        }
       },
       {
        "box": {
         "id": "obj-26",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          640,
          700,
          22.0
         ],
         "text": "Without a device of its own the model runs on the processor; cuda is for large models."
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-2",
          1
         ],
         "destination": [
          "obj-3",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-4",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-6",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-9",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-10",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-11",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-12",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-13",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-14",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          409.5,
          86.0,
          392,
          86.0,
          392,
          552,
          49.5,
          552
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          409.5,
          116.0,
          392,
          116.0,
          392,
          552,
          49.5,
          552
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          409.5,
          146.0,
          392,
          146.0,
          392,
          552,
          49.5,
          552
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-22",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          409.5,
          176.0,
          392,
          176.0,
          392,
          552,
          49.5,
          552
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-24",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          409.5,
          206.0,
          392,
          206.0,
          392,
          552,
          49.5,
          552
         ]
        }
       }
      ]
     }
    }
   },
   {
    "box": {
     "id": "obj-5",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      330,
      20,
      119.0,
      22.0
     ],
     "text": "p sketch, delay",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       100.0,
       100.0,
       860.0,
       700.0
      ],
      "showontab": 1,
      "boxes": [
       {
        "box": {
         "id": "obj-1",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          15,
          800,
          22.0
         ],
         "text": "The second inlet takes a sketch: sing or play a line there, and the part follows it."
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          40,
          800,
          22.0
         ],
         "text": "mode delay gives your own playing back, re-timbred, one reaction later."
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          40,
          380,
          203.0,
          22.0
         ],
         "outlettype": [
          "signal",
          ""
         ],
         "text": "sideman~ mini @parts guitar"
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          360,
          420,
          105.0,
          22.0
         ],
         "text": "print sideman"
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          320,
          56.0,
          22.0
         ],
         "outlettype": [
          "signal"
         ],
         "text": "adc~ 1"
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          110,
          322,
          77.0,
          22.0
         ],
         "text": "the music"
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          200,
          320,
          56.0,
          22.0
         ],
         "outlettype": [
          "signal"
         ],
         "text": "adc~ 2"
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          270,
          322,
          70.0,
          22.0
         ],
         "text": "the line"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40,
          80,
          112.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "mode accompany"
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          190,
          81,
          210.0,
          22.0
         ],
         "text": "fits a part to what it hears"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40,
          110,
          105.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "mode continue"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          190,
          111,
          322.0,
          22.0
         ],
         "text": "goes on from what you played, once you pause"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40,
          140,
          84.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "mode delay"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          190,
          141,
          182.0,
          22.0
         ],
         "text": "your playing, re-timbred"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          190,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "mode"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          220,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "feedback"
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          250,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "mix"
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "gain~",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          40,
          445,
          22,
          100
         ],
         "outlettype": [
          "signal",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-19",
         "maxclass": "ezdac~",
         "numinlets": 2,
         "numoutlets": 0,
         "patching_rect": [
          40,
          570,
          45,
          45
         ],
         "local": 1
        }
       },
       {
        "box": {
         "id": "obj-20",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          95,
          582,
          280.0,
          22.0
         ],
         "text": "the audio of this tab; wear headphones"
        }
       },
       {
        "box": {
         "id": "obj-21",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          66,
          485,
          56.0,
          22.0
         ],
         "text": "guitar"
        }
       },
       {
        "box": {
         "id": "obj-22",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          80,
          411,
          98.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "loadmess 118"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-3",
          1
         ],
         "destination": [
          "obj-4",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-3",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
         ],
         "destination": [
          "obj-3",
          1
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-9",
          0
         ],
         "destination": [
          "obj-3",
          0
         ],
         "midpoints": [
          49.5,
          106.0,
          32,
          106.0,
          32,
          372,
          49.5,
          372
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-11",
          0
         ],
         "destination": [
          "obj-3",
          0
         ],
         "midpoints": [
          49.5,
          136.0,
          32,
          136.0,
          32,
          372,
          49.5,
          372
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-13",
          0
         ],
         "destination": [
          "obj-3",
          0
         ],
         "midpoints": [
          49.5,
          166.0,
          32,
          166.0,
          32,
          372,
          49.5,
          372
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-15",
          0
         ],
         "destination": [
          "obj-3",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          0
         ],
         "destination": [
          "obj-3",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-17",
          0
         ],
         "destination": [
          "obj-3",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-3",
          0
         ],
         "destination": [
          "obj-18",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-22",
          0
         ],
         "destination": [
          "obj-18",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          0
         ],
         "destination": [
          "obj-19",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-18",
          0
         ],
         "destination": [
          "obj-19",
          1
         ]
        }
       }
      ]
     }
    }
   },
   {
    "box": {
     "id": "obj-6",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      410,
      50,
      63.0,
      22.0
     ],
     "text": "p clock",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       100.0,
       100.0,
       860.0,
       700.0
      ],
      "showontab": 1,
      "boxes": [
       {
        "box": {
         "id": "obj-1",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          15,
          800,
          38.0
         ],
         "text": "With a clock the part plays in time. clock auto follows Max's transport while it runs, else tempo and beat messages, else what it hears."
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          40,
          330,
          189.0,
          22.0
         ],
         "outlettype": [
          "signal",
          ""
         ],
         "text": "sideman~ mini @clock auto"
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          360,
          370,
          105.0,
          22.0
         ],
         "text": "print sideman"
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "toggle",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          80,
          24,
          24
         ],
         "outlettype": [
          "int"
         ]
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          75,
          82,
          154.0,
          22.0
         ],
         "text": "Max's transport runs"
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 9,
         "patching_rect": [
          40,
          120,
          77.0,
          22.0
         ],
         "outlettype": [
          "int",
          "int",
          "float",
          "float",
          "float",
          "int",
          "float",
          "int",
          "float"
         ],
         "text": "transport"
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          180,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "clock"
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          400,
          80,
          77.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "tempo 120"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          530,
          81,
          133.0,
          22.0
         ],
         "text": "the tempo by hand"
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          400,
          110,
          42.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "beat"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          530,
          111,
          252.0,
          22.0
         ],
         "text": "a tap; repeated, it sets the tempo"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          400,
          140,
          56.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "beat 1"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          530,
          141,
          238.0,
          22.0
         ],
         "text": "the first beat of the bar is now"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          400,
          170,
          63.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "meter 3"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          530,
          171,
          112.0,
          22.0
         ],
         "text": "beats in a bar"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          410,
          800,
          22.0
         ],
         "text": "While it listens for the beat itself, the right outlet says: clock, tempo, beat in the bar, how sure it is."
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-2",
          1
         ],
         "destination": [
          "obj-3",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-4",
          0
         ],
         "destination": [
          "obj-6",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          409.5,
          106.0,
          392,
          106.0,
          392,
          322,
          49.5,
          322
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-10",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          409.5,
          136.0,
          392,
          136.0,
          392,
          322,
          49.5,
          322
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-12",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          409.5,
          166.0,
          392,
          166.0,
          392,
          322,
          49.5,
          322
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-14",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          409.5,
          196.0,
          392,
          196.0,
          392,
          322,
          49.5,
          322
         ]
        }
       }
      ]
     }
    }
   },
   {
    "box": {
     "id": "obj-7",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      490,
      20,
      77.0,
      22.0
     ],
     "text": "p buffers",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       100.0,
       100.0,
       860.0,
       700.0
      ],
      "showontab": 1,
      "boxes": [
       {
        "box": {
         "id": "obj-1",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          15,
          800,
          38.0
         ],
         "text": "render plays the parts for a whole buffer~ at once, as live with the same settings and seed, aligned to the sample. record keeps the music in channel 1 and the parts in the next ones."
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          40,
          90,
          294.0,
          22.0
         ],
         "outlettype": [
          "float",
          "bang"
         ],
         "text": "buffer~ sideman-song sideman-example.wav"
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          360,
          90,
          161.0,
          22.0
         ],
         "outlettype": [
          "float",
          "bang"
         ],
         "text": "buffer~ sideman-parts"
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          540,
          90,
          154.0,
          22.0
         ],
         "outlettype": [
          "float",
          "bang"
         ],
         "text": "buffer~ sideman-take"
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          40,
          330,
          189.0,
          22.0
         ],
         "outlettype": [
          "signal",
          ""
         ],
         "text": "sideman~ mini @parts bass"
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          360,
          370,
          105.0,
          22.0
         ],
         "text": "print sideman"
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          280,
          56.0,
          22.0
         ],
         "outlettype": [
          "signal"
         ],
         "text": "adc~ 1"
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40,
          140,
          245.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "render sideman-song sideman-parts"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          302,
          141,
          343.0,
          22.0
         ],
         "text": "plays the parts to the song at once, into parts"
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40,
          170,
          56.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "render"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          302,
          171,
          91.0,
          22.0
         ],
         "text": "gives it up"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40,
          200,
          168.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "record sideman-take 10"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          302,
          201,
          357.0,
          22.0
         ],
         "text": "ten seconds of the music and the parts, into take"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40,
          230,
          56.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "record"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          302,
          231,
          91.0,
          22.0
         ],
         "text": "ends it now"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "gain~",
         "numinlets": 1,
         "numoutlets": 2,
         "patching_rect": [
          40,
          395,
          22,
          100
         ],
         "outlettype": [
          "signal",
          ""
         ]
        }
       },
       {
        "box": {
         "id": "obj-17",
         "maxclass": "ezdac~",
         "numinlets": 2,
         "numoutlets": 0,
         "patching_rect": [
          40,
          520,
          45,
          45
         ],
         "local": 1
        }
       },
       {
        "box": {
         "id": "obj-18",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          95,
          532,
          280.0,
          22.0
         ],
         "text": "the audio of this tab; wear headphones"
        }
       },
       {
        "box": {
         "id": "obj-19",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          66,
          435,
          42.0,
          22.0
         ],
         "text": "bass"
        }
       },
       {
        "box": {
         "id": "obj-20",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          80,
          361,
          98.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "loadmess 118"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-5",
          1
         ],
         "destination": [
          "obj-6",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
         ],
         "destination": [
          "obj-5",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          0
         ],
         "destination": [
          "obj-5",
          0
         ],
         "midpoints": [
          49.5,
          166.0,
          32,
          166.0,
          32,
          322,
          49.5,
          322
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-10",
          0
         ],
         "destination": [
          "obj-5",
          0
         ],
         "midpoints": [
          49.5,
          196.0,
          32,
          196.0,
          32,
          322,
          49.5,
          322
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-12",
          0
         ],
         "destination": [
          "obj-5",
          0
         ],
         "midpoints": [
          49.5,
          226.0,
          32,
          226.0,
          32,
          322,
          49.5,
          322
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-14",
          0
         ],
         "destination": [
          "obj-5",
          0
         ],
         "midpoints": [
          49.5,
          256.0,
          32,
          256.0,
          32,
          322,
          49.5,
          322
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-16",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-20",
          0
         ],
         "destination": [
          "obj-16",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          0
         ],
         "destination": [
          "obj-17",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-16",
          0
         ],
         "destination": [
          "obj-17",
          1
         ]
        }
       }
      ]
     }
    }
   },
   {
    "box": {
     "id": "obj-8",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      570,
      50,
      70.0,
      22.0
     ],
     "text": "p remote",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       100.0,
       100.0,
       860.0,
       700.0
      ],
      "showontab": 1,
      "boxes": [
       {
        "box": {
         "id": "obj-1",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          15,
          800,
          54.0
         ],
         "text": "Another machine can think for this one. There, once:  sideman serve --new-token gpu.token ; then  sideman serve --host 0.0.0.0 --token-file gpu.token  (--device cuda for its GPU). Copy the file here and name both, the token by its whole path. Where it does not answer, this machine plays on."
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          40,
          320,
          105.0,
          22.0
         ],
         "outlettype": [
          "signal",
          ""
         ],
         "text": "sideman~ mini"
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          360,
          360,
          105.0,
          22.0
         ],
         "text": "print sideman"
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          80,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "host"
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          110,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "port"
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          140,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "token"
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          170,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "backend"
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          400,
          80,
          133.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "host studio.local"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          570,
          81,
          231.0,
          22.0
         ],
         "text": "name or address of that machine"
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          400,
          110,
          98.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "backend auto"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          570,
          111,
          245.0,
          22.0
         ],
         "text": "there while it answers, else here"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          400,
          140,
          112.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "backend remote"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          570,
          141,
          147.0,
          22.0
         ],
         "text": "there or not at all"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          400,
          170,
          126.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "backend embedded"
        }
       },
       {
        "box": {
         "id": "obj-15",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          570,
          171,
          42.0,
          22.0
         ],
         "text": "here"
        }
       },
       {
        "box": {
         "id": "obj-16",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          400,
          800,
          38.0
         ],
         "text": "The right outlet says: backend remote or embedded, whenever that changes. lead auto pays for the way there and back."
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-2",
          1
         ],
         "destination": [
          "obj-3",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-4",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-6",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-7",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-8",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          409.5,
          106.0,
          392,
          106.0,
          392,
          312,
          49.5,
          312
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-10",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          409.5,
          136.0,
          392,
          136.0,
          392,
          312,
          49.5,
          312
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-12",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          409.5,
          166.0,
          392,
          166.0,
          392,
          312,
          49.5,
          312
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-14",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          409.5,
          196.0,
          392,
          196.0,
          392,
          312,
          49.5,
          312
         ]
        }
       }
      ]
     }
    }
   },
   {
    "box": {
     "id": "obj-9",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      650,
      20,
      70.0,
      22.0
     ],
     "text": "p python",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       100.0,
       100.0,
       860.0,
       700.0
      ],
      "showontab": 1,
      "boxes": [
       {
        "box": {
         "id": "obj-1",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          15,
          800,
          54.0
         ],
         "text": "The model runs in Python inside the host. In a terminal: python3.11 -m venv ~/.sideman/venv (Python 3.10 to 3.13), then ~/.sideman/venv/bin/pip install FOLDER, that of Sideman's source (Windows: docs/first-minutes). The venv ~/.sideman/venv is found by itself; one elsewhere is named here. doctor says what is missing and what to do."
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          40,
          260,
          105.0,
          22.0
         ],
         "outlettype": [
          "signal",
          ""
         ],
         "text": "sideman~ mini"
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          360,
          300,
          105.0,
          22.0
         ],
         "text": "print sideman"
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "attrui",
         "numinlets": 1,
         "numoutlets": 1,
         "patching_rect": [
          40,
          100,
          260,
          22
         ],
         "outlettype": [
          ""
         ],
         "attr": "python"
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40,
          150,
          56.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "doctor"
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          170,
          151,
          301.0,
          22.0
         ],
         "text": "checks the installation; read the console"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-2",
          1
         ],
         "destination": [
          "obj-3",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-4",
          0
         ],
         "destination": [
          "obj-2",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-5",
          0
         ],
         "destination": [
          "obj-2",
          0
         ],
         "midpoints": [
          49.5,
          176.0,
          32,
          176.0,
          32,
          252,
          49.5,
          252
         ]
        }
       }
      ]
     }
    }
   },
   {
    "box": {
     "id": "obj-10",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      730,
      50,
      77.0,
      22.0
     ],
     "text": "p trouble",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       100.0,
       100.0,
       860.0,
       700.0
      ],
      "showontab": 1,
      "boxes": [
       {
        "box": {
         "id": "obj-1",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          20.0,
          800,
          22.0
         ],
         "text": "Nothing sounds: is the audio on, the fader up, the status ready, mute 0? Send doctor and read the console."
        }
       },
       {
        "box": {
         "id": "obj-2",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          56.0,
          800,
          22.0
         ],
         "text": "status error: the console says in one line what failed, why, and what to do."
        }
       },
       {
        "box": {
         "id": "obj-3",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          92.0,
          800,
          22.0
         ],
         "text": "status lost: the model no longer answers. The patch goes on; send load to open it again."
        }
       },
       {
        "box": {
         "id": "obj-4",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          128.0,
          800,
          22.0
         ],
         "text": "Wrong pitch: never. Every sample rate is converted; the model itself runs at 44100 Hz."
        }
       },
       {
        "box": {
         "id": "obj-5",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          164.0,
          800,
          22.0
         ],
         "text": "macOS does not open it: run sideman doctor in a terminal, and once the xattr line that it prints."
        }
       },
       {
        "box": {
         "id": "obj-6",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          20,
          200.0,
          800,
          38.0
         ],
         "text": "It plays too much: tell it the tempo (without a clock it has no beat to rest on), tags sparse, a lower temperature."
        }
       },
       {
        "box": {
         "id": "obj-7",
         "maxclass": "newobj",
         "numinlets": 2,
         "numoutlets": 2,
         "patching_rect": [
          40,
          356.0,
          105.0,
          22.0
         ],
         "outlettype": [
          "signal",
          ""
         ],
         "text": "sideman~ mini"
        }
       },
       {
        "box": {
         "id": "obj-8",
         "maxclass": "newobj",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          360,
          396.0,
          105.0,
          22.0
         ],
         "text": "print sideman"
        }
       },
       {
        "box": {
         "id": "obj-9",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40,
          246.0,
          56.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "doctor"
        }
       },
       {
        "box": {
         "id": "obj-10",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          170,
          247.0,
          175.0,
          22.0
         ],
         "text": "checks the installation"
        }
       },
       {
        "box": {
         "id": "obj-11",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40,
          276.0,
          42.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "info"
        }
       },
       {
        "box": {
         "id": "obj-12",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          170,
          277.0,
          98.0,
          22.0
         ],
         "text": "every figure"
        }
       },
       {
        "box": {
         "id": "obj-13",
         "maxclass": "message",
         "numinlets": 2,
         "numoutlets": 1,
         "patching_rect": [
          40,
          306.0,
          42.0,
          22.0
         ],
         "outlettype": [
          ""
         ],
         "text": "load"
        }
       },
       {
        "box": {
         "id": "obj-14",
         "maxclass": "comment",
         "numinlets": 1,
         "numoutlets": 0,
         "patching_rect": [
          170,
          307.0,
          161.0,
          22.0
         ],
         "text": "opens the model again"
        }
       }
      ],
      "lines": [
       {
        "patchline": {
         "source": [
          "obj-7",
          1
         ],
         "destination": [
          "obj-8",
          0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-9",
          0
         ],
         "destination": [
          "obj-7",
          0
         ],
         "midpoints": [
          49.5,
          272.0,
          32,
          272.0,
          32,
          348.0,
          49.5,
          348.0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-11",
          0
         ],
         "destination": [
          "obj-7",
          0
         ],
         "midpoints": [
          49.5,
          302.0,
          32,
          302.0,
          32,
          348.0,
          49.5,
          348.0
         ]
        }
       },
       {
        "patchline": {
         "source": [
          "obj-13",
          0
         ],
         "destination": [
          "obj-7",
          0
         ],
         "midpoints": [
          49.5,
          332.0,
          32,
          332.0,
          32,
          348.0,
          49.5,
          348.0
         ]
        }
       }
      ]
     }
    }
   },
   {
    "box": {
     "id": "obj-11",
     "maxclass": "newobj",
     "numinlets": 0,
     "numoutlets": 0,
     "patching_rect": [
      810,
      20,
      35.0,
      22.0
     ],
     "text": "p ?",
     "patcher": {
      "fileversion": 1,
      "appversion": {
       "major": 8,
       "minor": 6,
       "revision": 0,
       "architecture": "x64",
       "modernui": 1
      },
      "classnamespace": "box",
      "rect": [
       100.0,
       100.0,
       860.0,
       700.0
      ],
      "showontab": 1,
      "boxes": [],
      "lines": []
     }
    }
   }
  ],
  "lines": [],
  "showrootpatcherontab": 0
 }
}
