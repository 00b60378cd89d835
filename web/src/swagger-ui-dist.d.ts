declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  interface OutgoingRequest {
    headers: Record<string, string>;
  }
  export default function SwaggerUI(options: {
    url: string;
    dom_id: string;
    deepLinking?: boolean;
    requestInterceptor?: (request: OutgoingRequest) => OutgoingRequest;
  }): void;
}
