import { testArchitecture } from "../../test/support/architecture.js";

testArchitecture("mobilenet_v2", { size: 64, width: 0.35, classes: 10 });
