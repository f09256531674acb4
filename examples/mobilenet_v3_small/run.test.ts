import { testArchitecture } from "../../test/support/architecture.js";

testArchitecture("mobilenet_v3_small", { size: 64, width: 0.5, classes: 10 });
