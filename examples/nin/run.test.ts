import { testArchitecture } from "../../test/support/architecture.js";

testArchitecture("nin", { size: 96, width: 0.125, classes: 10 });
