/** The API's documentation page: Swagger UI of the contract that this server publishes. */
import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "swagger-ui-dist/swagger-ui.css";

SwaggerUI({
  url: "/api/v1/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  requestInterceptor: (request) => {
    request.headers["X-Clarion"] = "1";
    return request;
  },
});
